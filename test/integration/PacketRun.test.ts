import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { captureOf, decode } from "../support/captures/CaptureInMemory.ts"
import { freebsdHeader } from "../support/captures/PflogHeader.ts"
import { flood } from "../support/captures/scenarios/Flood.ts"
import { sample } from "../support/captures/scenarios/Sample.ts"
import { scan } from "../support/captures/scenarios/Scan.ts"
import { type Daemon, fakeTcpdump, lastTcpdump, textOf } from "../support/Daemon.ts"
import { startDaemon, temporaryFolder } from "../support/PerTest.ts"
import { until } from "../support/Waiting.ts"

const samplePcap = path.resolve("test/support/captures/sample.pcap")

/** The entries in a log's text, without the notices. */
const entriesIn = (log: string): ReadonlyArray<string> =>
  textOf(log)
    .split("\n")
    .filter((line) => /^\S+ rule /.test(line))

const run = async (...options: ReadonlyArray<string>): Promise<{ daemon: Daemon; status: number | string }> => {
  const daemon = startDaemon(temporaryFolder(), options)
  return { daemon, status: await daemon.ended() }
}

const compress = (program: string, bytes: Uint8Array): Buffer => {
  const result = spawnSync(program, ["-c"], { input: bytes, maxBuffer: 2 ** 28 })
  if (result.status !== 0) throw new Error(`${program} failed: ${result.stderr.toString()}`)
  return result.stdout
}

describe("run --decoder packet", () => {
  it("writes of the sample what the text decoder writes of it, line by line", async () => {
    const [text, packet] = await Promise.all([
      run("--read", samplePcap),
      run("--read", samplePcap, "--decoder", "packet")
    ])
    expect([text.status, packet.status]).toEqual([0, 0])
    const lines = entriesIn(packet.daemon.log)
    expect(lines).toHaveLength(captureOf(sample(freebsdHeader)).truths.length)
    // tcpdump tells what the multicast reports hold, and what DNS asks for: that is data, and left out.
    const plain = (line: string): boolean =>
      / length \d+$/.test(line) && !/ > \S+\.(53|123|161|5060|69|137): /.test(line)
    const ofText = entriesIn(text.daemon.log)
    lines.forEach((line, index) => {
      if (plain(line) && plain(ofText[index] ?? "")) expect(line).toBe(ofText[index])
    })
  })

  it("writes JSON with the fields of the packet", async () => {
    const { daemon, status } = await run("--read", samplePcap, "--decoder", "packet", "--format", "json")
    expect(status).toBe(0)
    const objects = textOf(daemon.log)
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line))
    expect(objects).toContainEqual(expect.objectContaining({ source: expect.objectContaining({ ip: "203.0.113.9" }) }))
  })

  it("writes filterlog's lines in both forms of syslog, notices under their own names", async () => {
    const options = ["--read", samplePcap, "--decoder", "packet", "--format", "filterlog"]
    const old = await run(...options)
    expect(old.status).toBe(0)
    for (const line of textOf(old.daemon.log).trimEnd().split("\n")) {
      expect(line).toMatch(
        /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ (filterlog\[\d+\]: \d+,|(pfasciilogd|tcpdump)\[\d+\]: )/
      )
    }
    const modern = await run(...options, "--syslog", "rfc5424")
    expect(textOf(modern.daemon.log)).toMatch(
      /^<134>1 \S+ \S+ filterlog \d+ - \[meta sequenceId="\d+"\] \d+,,,0,vtnet0,/m
    )
  })

  it("refuses the format filterlog of the text decoder, as a matter of configuration", async () => {
    const { daemon, status } = await run("--read", samplePcap, "--format", "filterlog")
    expect(status).toBe(78)
    expect(daemon.stderr()).toContain("--decoder packet")
  })

  it.each([
    ["pcapng", Buffer.from("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000", "hex"), "pcapng"],
    ["text", Buffer.from("x".repeat(100)), "pcap"]
  ])("says what is wrong with %s that a tcpdump hands on", async (_, bytes, words) => {
    const folder = temporaryFolder()
    fs.writeFileSync(path.join(folder, "bytes"), bytes)
    const fake = fakeTcpdump(folder, `cat ${folder}/bytes`)
    const daemon = startDaemon(folder, ["--decoder", "packet", "--tcpdump", fake, "--read", samplePcap])
    expect(await daemon.ended()).toBe(66)
    expect(daemon.stderr()).toContain(words)
  })

  it("ends when a tcpdump exits while the log's buffer is full", async () => {
    const folder = temporaryFolder()
    fs.writeFileSync(path.join(folder, "bytes"), captureOf(flood(freebsdHeader, 60_000, 60_000)).bytes)
    const fake = fakeTcpdump(folder, `exec cat ${folder}/bytes`)
    for (let round = 0; round < 4; round++) {
      const options = ["--decoder", "packet", "--tcpdump", fake, "--read", samplePcap, "--log-buffer", "64 KiB"]
      const daemon = startDaemon(folder, options)
      expect(await daemon.ended()).toBe(0)
      expect(entriesIn(daemon.log)).toHaveLength((round + 1) * 60_000)
    }
  })

  it("tells a damaged stream with its offset, starts tcpdump again, and goes on with what that one says", async () => {
    const folder = temporaryFolder()
    const { bytes, truths } = captureOf(scan(freebsdHeader, 50, 5, 1))
    fs.writeFileSync(path.join(folder, "good"), bytes)
    const damaged = Buffer.from(bytes)
    const offset = 24 + 20 * (16 + bytes.readUInt32LE(24 + 8))
    damaged.fill(0xff, offset, offset + 16)
    fs.writeFileSync(path.join(folder, "damaged"), damaged)
    const fake = fakeTcpdump(
      folder,
      `if [ -e ${folder}/again ]; then cat ${folder}/good; exec sleep 1000; fi; : >${folder}/again; cat ${folder}/damaged; exec sleep 1000`
    )
    const daemon = startDaemon(folder, ["--decoder", "packet", "--tcpdump", fake, "--interface", "fake0"])
    await until("both captures are in the log", () => entriesIn(daemon.log).length === 20 + truths.length)
    expect(textOf(daemon.log)).toContain(`damaged at offset ${offset}`)
    expect(lastTcpdump(daemon.log)).toBeGreaterThan(0)
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)
  })
})

describe("run --read, backfilling", () => {
  const captures = [1, 2, 3, 4].map((seed) => captureOf(scan(freebsdHeader, 300, 7, seed)).bytes)
  const expected = captures.flatMap((bytes) => decode(bytes).entries.map(({ text }) => text))

  it.each(["text", "packet"])(
    "reads what bzip2, gzip, xz and zstd have compressed, in order, under the packets' own times (%s decoder)",
    async (decoder) => {
      const folder = temporaryFolder()
      const programs = ["bzip2", "gzip", "xz", "zstd"]
      // The last two have names that tell nothing: the bytes do.
      const files = programs.map((program, index) => {
        const file = path.join(folder, index < 2 ? `pflog.${3 - index}.${program}` : `pflog.${3 - index}`)
        fs.writeFileSync(file, compress(program, captures[index] ?? Buffer.alloc(0)))
        return file
      })
      const daemon = startDaemon(folder, [...files.flatMap((file) => ["--read", file]), "--decoder", decoder])
      expect(await daemon.ended()).toBe(0)
      const lines = entriesIn(daemon.log)
      expect(lines.map((line) => line.slice(line.indexOf(" ") + 1))).toEqual(expected)
      const times = captures.flatMap((bytes) => decode(bytes).entries.map(({ time }) => time / 1000))
      expect(lines.map((line) => Date.parse(line.slice(0, line.indexOf(" "))))).toEqual(times.map(Math.floor))
    }
  )

  it.each(["bzip2", "gzip", "xz", "zstd"])(
    "writes what came before the end of a file that %s has not finished, warns, and goes on to the next",
    async (program) => {
      const folder = temporaryFolder()
      const whole = compress(program, captureOf(flood(freebsdHeader, 20_000, 20_000)).bytes)
      const file = path.join(folder, "pflog.0")
      fs.writeFileSync(file, whole.subarray(0, whole.length - 100))
      const daemon = startDaemon(folder, ["--read", file, "--read", samplePcap, "--decoder", "packet"])
      expect(await daemon.ended()).toBe(0)
      expect(daemon.stderr()).toContain(`${file} is compressed and cut off`)
      const ofSample = captureOf(sample(freebsdHeader)).truths.length
      expect(entriesIn(daemon.log).length).toBeGreaterThanOrEqual(ofSample)
      expect(entriesIn(daemon.log).length).toBeLessThan(20_000 + ofSample)
    }
  )

  it("tells of a program that fails", async () => {
    const folder = temporaryFolder()
    const file = path.join(folder, "pflog.0.zst")
    fs.writeFileSync(file, compress("zstd", captures[0] ?? Buffer.alloc(0)))
    const programs = path.join(folder, "bin")
    fs.mkdirSync(programs)
    fs.writeFileSync(path.join(programs, "zstd"), "#!/bin/sh\necho no memory >&2\nexit 3\n", { mode: 0o755 })
    const daemon = startDaemon(folder, ["--read", file], { PATH: `${programs}:${process.env["PATH"]}` })
    expect(await daemon.ended()).toBe(66)
    expect(daemon.stderr()).toContain("zstd exited with status 3, saying: no memory")
  })

  it("tells a compressed file that holds no capture by tcpdump's words", async () => {
    const folder = temporaryFolder()
    const file = path.join(folder, "notes.gz")
    fs.writeFileSync(file, compress("gzip", Buffer.from("no capture\n".repeat(20_000))))
    const daemon = startDaemon(folder, ["--read", file])
    expect(await daemon.ended()).toBe(66)
    expect(daemon.stderr()).toContain("unknown file format")
  })
})
