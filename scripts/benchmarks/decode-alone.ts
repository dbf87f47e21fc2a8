/** Decodes a text over and over, and prints what one pass costs as JSON. usage: decode-alone.ts FILE */
import { readFileSync } from "node:fs"
import type { PfLogEntry } from "../../src/decode/PfLogEntry.ts"
import { makeTextDecoder } from "../../src/decode/text/TextDecoder.ts"

const text = readFileSync(process.argv[2] ?? "")
const chunkSize = 64 * 1024
let entries = 0
const sink = {
  entry: (entry: PfLogEntry) => {
    entries += entry.source === undefined ? 0 : 1
  },
  other: () => {}
}

const pass = (): number => {
  const before = process.cpuUsage()
  const decoder = makeTextDecoder()
  for (let at = 0; at < text.length; at += chunkSize) decoder.push(text.subarray(at, at + chunkSize), sink)
  decoder.end(sink)
  const { system, user } = process.cpuUsage(before)
  return user + system
}

// The first passes are compiled on the way.
for (let warmUp = 0; warmUp < 3; warmUp++) pass()
entries = 0
const passes = [pass(), pass(), pass(), pass(), pass()].sort((one, other) => one - other)
console.log(JSON.stringify({ micros: passes[2], entries: entries / 5, bytes: text.length }))
