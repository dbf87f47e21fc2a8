// Turns the capture of an Ethernet interface (little-endian, microseconds) into one of a pflog interface, as it comes: Linux has none.
// usage: tcpdump -U -w - … | ethernet-as-pflog.mjs
import { writeSync } from "node:fs"

const ethernetLength = 14
const header = Buffer.alloc(72)
header[0] = 69
header[1] = 2 // AF_INET
header[2] = 1 // block
header.write("vtnet0", 4)
header.writeUInt32BE(17, 36)
header.fill(0xff, 40, 48)
header[60] = 1 // in

let held = Buffer.alloc(0)
let isBegun = false

process.stdin.on("data", (bytes) => {
  held = Buffer.concat([held, bytes])
  const output = []
  let at = 0
  if (!isBegun) {
    if (held.length < 24) return
    isBegun = true
    const file = Buffer.from(held.subarray(0, 24))
    file.writeUInt32LE(117, 20)
    output.push(file)
    at = 24
  }
  while (at + 16 <= held.length) {
    const captured = held.readUInt32LE(at + 8)
    const end = at + 16 + captured
    if (end > held.length) break
    // Only IPv4: neighbours that look for each other are no part of the measurement.
    if (held.readUInt16BE(at + 16 + 12) === 0x0800) {
      const record = Buffer.from(held.subarray(at, at + 16))
      for (const field of [8, 12])
        record.writeUInt32LE(record.readUInt32LE(field) - ethernetLength + header.length, field)
      output.push(record, header, held.subarray(at + 16 + ethernetLength, end))
    }
    at = end
  }
  if (output.length > 0) writeSync(1, Buffer.concat(output))
  held = Buffer.from(held.subarray(at))
})
