import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { type Daemon, textOf } from "../support/Daemon.ts"
import { startDaemon, temporaryFolder } from "../support/PerTest.ts"

const samplePcap = path.resolve("test/support/captures/sample.pcap")
const samplePackets = 177
const bytes = fs.readFileSync(samplePcap)

const entriesIn = (daemon: Daemon): number => textOf(daemon.log).match(/^\S+ rule /gm)?.length ?? 0

const read = async (files: ReadonlyArray<string>, flags: ReadonlyArray<string> = [], stdin?: Uint8Array) => {
  const reading = files.flatMap((file) => ["--read", file])
  const daemon = startDaemon(temporaryFolder(), [...reading, ...flags], {}, stdin === undefined ? "ignore" : "pipe")
  // A program that ends without reading its input is no error here.
  daemon.process.stdin?.on("error", () => undefined)
  daemon.process.stdin?.end(stdin)
  return { daemon, status: await daemon.ended(), entries: entriesIn(daemon) }
}

const compress = (program: string): Buffer => spawnSync(program, ["-c"], { input: bytes }).stdout

const inFile = (content: Uint8Array): string => {
  const file = path.join(temporaryFolder(), "saved")
  fs.writeFileSync(file, content)
  return file
}

const decoders = [
  ["--decoder", "text"],
  ["--decoder", "packet"]
] as const

describe.each(decoders)("run --read %s %s", (...flags) => {
  it("refuses a capture of another link type, by its name", async () => {
    const ethernet = Buffer.from(bytes)
    ethernet.writeUInt32LE(1, 20)
    const { daemon, status, entries } = await read([inFile(ethernet)], flags)
    expect(status).toBe(66)
    expect(daemon.stderr()).toContain("link type is 1, Ethernet, not 117 (pflog)")
    expect(entries).toBe(0)
  })

  it("says of an empty capture that it holds no packets, and goes on to the next", async () => {
    const { daemon, status, entries } = await read([inFile(Buffer.alloc(0)), samplePcap], flags)
    expect([status, entries]).toEqual([0, samplePackets])
    expect(daemon.stderr()).toContain("is empty: it holds no packets")
  })

  it("says the same of an empty standard input", async () => {
    const { daemon, status } = await read(["-"], flags, Buffer.alloc(0))
    expect(status).toBe(0)
    expect(daemon.stderr()).toContain("- is empty: it holds no packets")
    expect(daemon.stderr()).not.toContain("middle of a packet")
  })

  it("reads standard input", async () => {
    expect(await read(["-"], flags, bytes)).toMatchObject({ status: 0, entries: samplePackets })
  })
})

describe("run, ending", () => {
  it.each(["ascii", "json"])("tells of exactly the bytes that the log holds (%s)", async (format) => {
    const { daemon } = await read([samplePcap, samplePcap], ["--format", format])
    const log = textOf(daemon.log)
    expect(Number(/(\d+) bytes written/.exec(log.trimEnd().split("\n").at(-1) ?? "")?.[1])).toBe(log.length)
  })
})

describe.each(["gzip", "bzip2", "xz", "zstd"])("run --read of what %s has compressed", (program) => {
  it("reads it from standard input too", async () => {
    expect(await read(["-"], [], compress(program))).toMatchObject({ status: 0, entries: samplePackets })
  })

  it("warns where it is cut off, and goes on to the next", async () => {
    const whole = compress(program)
    const { daemon, status, entries } = await read([inFile(whole.subarray(0, whole.length - 20)), samplePcap])
    expect(daemon.stderr()).toMatch(/is compressed and cut off/)
    expect(status).toBe(0)
    expect(entries).toBeGreaterThanOrEqual(samplePackets)
  })

  it("is an error where it is damaged", async () => {
    const damaged = compress(program)
    damaged.fill(0x55, 100, 2000)
    expect((await read([inFile(damaged)])).status).toBe(66)
  })
})
