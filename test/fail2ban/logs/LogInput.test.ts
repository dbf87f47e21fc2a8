import * as fs from "node:fs"
import * as path from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { firstSecond } from "../../../src/fail2ban/logs/LogInput.ts"
import { temporaryFolder } from "../../support/PerTest.ts"

const second = 1_795_000_000

/** A pcap file in which one packet begins, in either byte order, with times in micro- or nanoseconds. */
const capture = (magic: number, isLittle: boolean): Uint8Array => {
  const bytes = Buffer.alloc(40)
  if (isLittle) {
    bytes.writeUInt32LE(magic, 0)
    bytes.writeUInt32LE(second, 24)
  } else {
    bytes.writeUInt32BE(magic, 0)
    bytes.writeUInt32BE(second, 24)
  }
  return bytes
}

const firstSecondOf = (content: Uint8Array) => {
  const file = path.join(temporaryFolder(), "pflog")
  fs.writeFileSync(file, content)
  const source = { file, standardInput: Stream.empty, tcpdump: "tcpdump" }
  return firstSecond(source, (line) => (line.startsWith("at ") ? Number(line.slice(3)) : undefined)).pipe(
    Effect.provide(NodeFileSystem.layer)
  )
}

describe("the first second of a log", () => {
  it.live("is that of a capture's first packet in either byte order", () =>
    Effect.gen(function* () {
      for (const magic of [0xa1b2c3d4, 0xa1b23c4d])
        for (const isLittle of [true, false])
          expect([magic, isLittle, yield* firstSecondOf(capture(magic, isLittle))]).toEqual([magic, isLittle, second])
    })
  )

  it.live("is that of the first line with a time, and unknown without one and for pcapng", () =>
    Effect.gen(function* () {
      expect(yield* firstSecondOf(Buffer.from("no time\nat 12\nat 13\n"))).toBe(12)
      expect(yield* firstSecondOf(Buffer.from("no time\n"))).toBeUndefined()
      expect(yield* firstSecondOf(Buffer.from("0a0d0d0a".padEnd(80, "0"), "hex"))).toBeUndefined()
    })
  )
})
