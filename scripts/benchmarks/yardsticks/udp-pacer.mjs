// Sends so many UDP packets a second for so many seconds to 192.0.2.2. usage: udp-pacer.mjs PACKETS_A_SECOND SECONDS
import { createSocket } from "node:dgram"

const [rate = 1, seconds = 1] = process.argv.slice(2).map(Number)
const total = rate * seconds
const socket = createSocket("udp4")
const payload = Buffer.alloc(20)
const started = performance.now()
let sent = 0

const timer = setInterval(() => {
  const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * rate))
  for (; sent < due; sent++) socket.send(payload, 9, "192.0.2.2")
  if (sent < total) return
  clearInterval(timer)
  setTimeout(() => socket.close(), 200)
}, 1)
