import { spawnSync } from "node:child_process"
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { makePrinters } from "../../src/capture/Printers.ts"
import { printRecords } from "../../src/capture/Printing.ts"
import { RecordQueue } from "../../src/capture/RecordQueue.ts"
import { RecordSplitter } from "../../src/capture/RecordSplitter.ts"
import type { TcpdumpOptions } from "../../src/capture/Tcpdump.ts"
import { captureOf } from "../support/captures/CaptureInMemory.ts"
import type { LoggedPacket, PcapFormat } from "../support/captures/PcapWriter.ts"
import { freebsdHeader, headerLayouts } from "../support/captures/PflogHeader.ts"
import { flood } from "../support/captures/scenarios/Flood.ts"
import { hostile } from "../support/captures/scenarios/Hostile.ts"
import { matrix } from "../support/captures/scenarios/Matrix.ts"
import { sample } from "../support/captures/scenarios/Sample.ts"
import { scan } from "../support/captures/scenarios/Scan.ts"
import { wrongFamily } from "../support/captures/scenarios/WrongFamily.ts"
import { isAlive, textOf } from "../support/Daemon.ts"
import { temporaryFolder } from "../support/Descriptors.ts"
import { failingPrinter, killedBy, printersStarted } from "../support/FailingPrinters.ts"
import { untilEffect } from "../support/Waiting.ts"

const options: TcpdumpOptions = {
  tcpdump: "tcpdump",
  user: "nobody",
  expression: "",
  snapshotLength: 256,
  kernelBuffer: 2 ** 21
}

/** What a single tcpdump prints of a capture. */
const printedBySingle = (capture: Uint8Array): Buffer => {
  const { stdout, status } = spawnSync("tcpdump", ["-tt", "-l", "-e", "-n", "-S", "-r", "-"], {
    input: capture,
    maxBuffer: 2 ** 30
  })
  expect(status).toBe(0)
  return stdout
}

/** What the printers make of a capture that comes in pieces of a length. */
const print = (capture: Uint8Array, pieceLength: number, tcpdump = "tcpdump", patience = Duration.seconds(20)) =>
  Effect.gen(function* () {
    const failures: Array<string> = []
    let ownWords = 0
    const onFailure = (why: string) => Effect.sync(() => void failures.push(why))
    const printers = yield* makePrinters({ ...options, tcpdump }, new Set(), onFailure, patience)
    const queue = new RecordQueue(2 ** 20)
    const onOwnWords = (records: number) =>
      Effect.sync(() => {
        ownWords += records
      })
    const pieces: Array<Uint8Array> = []
    const splitter = new RecordSplitter()
    const feeding = Effect.gen(function* () {
      for (let at = 0; at < capture.length; at += pieceLength) {
        const intake = splitter.push(capture.subarray(at, at + pieceLength))
        if (intake._tag === "Records" && intake.records !== undefined) queue.append(intake.records)
        yield* queue.room
        yield* Effect.yieldNow()
      }
      queue.close()
    })
    const lines = Stream.runForEach(printRecords(queue, printers, onOwnWords), (bytes) =>
      Effect.sync(() => void pieces.push(Buffer.from(bytes)))
    )
    yield* Effect.zip(feeding, lines, { concurrent: true })
    return { printed: Buffer.concat(pieces), failures, ownWords }
  }).pipe(Effect.scoped)

const little: PcapFormat = { byteOrder: "little", precision: "micro" }
const captures: ReadonlyArray<readonly [string, Iterable<LoggedPacket>, PcapFormat]> = [
  ["the sample", sample(freebsdHeader), little],
  ["a big-endian capture with nanoseconds", sample(freebsdHeader), { byteOrder: "big", precision: "nano" }],
  ["hostile packets", hostile(freebsdHeader, 4000, 11), little],
  ["other hostile packets", hostile(freebsdHeader, 4000, 12), { byteOrder: "big", precision: "micro" }],
  ["packets under a header that lies", wrongFamily(freebsdHeader, 2000, 3), little],
  ["scans", scan(freebsdHeader, 3000, 50, 5), little],
  ["a flood of unique sources", flood(freebsdHeader, 40_000, 40_000), little],
  ...[...headerLayouts].map(([name, header]) => [`every header: ${name}`, matrix([header]), little] as const)
]

describe("printRecords", () => {
  it.live.each(captures)("prints %s byte for byte as a single tcpdump does", ([, packets, format]) =>
    Effect.gen(function* () {
      const { bytes } = captureOf(packets, format)
      const single = printedBySingle(bytes)
      for (const pieceLength of [50_000, 2 ** 22]) {
        const { printed, failures } = yield* print(bytes, pieceLength)
        expect(failures).toEqual([])
        expect(printed.equals(single)).toBe(true)
      }
    })
  )
})

describe("printRecords, on a machine that gives it no time", () => {
  it.scopedLive("takes no printer for one that hangs whose lines have come meanwhile", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { bytes } = captureOf(flood(freebsdHeader, 100, 10), little)
      const tcpdump = failingPrinter(folder, "sleep 0.2")
      const printing = yield* Effect.fork(print(bytes, 2 ** 22, tcpdump, Duration.millis(500)))
      yield* untilEffect("it is started", () => printersStarted(folder) > 0)
      yield* Effect.async<void>((resume) => {
        // From here Node comes to its timers first, and reads afterwards.
        setImmediate(() => {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
          resume(Effect.void)
        })
      })
      const { failures, printed } = yield* Fiber.join(printing)
      expect(failures).toEqual([])
      expect(printed.equals(printedBySingle(bytes))).toBe(true)
    })
  )
})

describe("printRecords, under load", () => {
  const { bytes } = captureOf(flood(freebsdHeader, 60_000, 2000))
  const printedWhole = printedBySingle(bytes)

  const startedFor = (body: string) =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { failures, printed } = yield* print(bytes, 2 ** 22, failingPrinter(folder, body))
      expect(failures).toEqual([])
      expect(printed.equals(printedWhole)).toBe(true)
      return printersStarted(folder)
    })

  it.scopedLive("has few printers print it all", () =>
    Effect.gen(function* () {
      // More where this machine is so busy that one seems to hold its lines back.
      expect(yield* startedFor(`exec tcpdump "$@"`)).toBeLessThanOrEqual(6)
    })
  )

  it.scopedLive("has a shell start the many tcpdumps that ever new sources take: we start few processes", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { bytes: unique } = captureOf(flood(freebsdHeader, 60_000, 60_000), little)
      const tcpdump = failingPrinter(folder, `echo $PPID >>"$F/parents"`)
      const { failures, printed } = yield* print(unique, 2 ** 22, tcpdump)
      expect(failures).toEqual([])
      expect(printed.equals(printedBySingle(unique))).toBe(true)
      expect(printersStarted(folder)).toBeGreaterThan(20)
      expect(new Set(textOf(`${folder}/parents`).trim().split("\n")).size).toBeLessThan(6)
    })
  )

  it.scopedLive("goes on with another where a script in its place waits for the end of its input", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { bytes: unique } = captureOf(flood(freebsdHeader, 12_000, 12_000), little)
      const { failures, printed } = yield* print(unique, 2 ** 22, failingPrinter(folder, `cat | tcpdump "$@"; exit`))
      expect(failures).toEqual([])
      expect(printed.equals(printedBySingle(unique))).toBe(true)
    })
  )

  const holding = `case " $* " in *' -l '*) ;; *) tcpdump "$@" | dd obs=1M iflag=fullblock status=none; exit 0 ;; esac`

  it.scopedLive("gets the lines also of printers whose stdio holds back a megabyte", () =>
    Effect.gen(function* () {
      expect(yield* startedFor(holding)).toBeGreaterThan(5)
    })
  )

  it.scopedLive("lets the printers go once there is no load any more", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const pids = () => textOf(`${folder}/pids`).trim().split("\n").map(Number)
      const tcpdump = failingPrinter(folder, `echo $$ >>"$F/pids"`)
      const printers = yield* makePrinters({ ...options, tcpdump }, new Set(), () => Effect.void)
      const queue = new RecordQueue(2 ** 30)
      const intake = new RecordSplitter().push(bytes)
      if (intake._tag === "Records" && intake.records !== undefined) queue.append(intake.records)
      queue.close()
      yield* Stream.runDrain(printRecords(queue, printers, () => Effect.void))
      expect(pids().length).toBeGreaterThan(0)
      yield* untilEffect("they are gone", () => !pids().some(isAlive))
    })
  )
})

/** Few sources, whose records one tcpdump prints under load; and ever new ones, of which each part has a tcpdump of its own. */
const sourcesOf = [
  ["few sources", 2000],
  ["ever new sources", 6000]
] as const

describe.each(sourcesOf)("printRecords, where printers fail on packets of %s", (_name, sources) => {
  const packets = 6000
  const { bytes } = captureOf(flood(freebsdHeader, packets, sources), little)
  const printedWhole = printedBySingle(bytes)
  /** In some printers' hands: few records each, or all in one. */
  const pieceLengths = [40_000, 2 ** 22]

  const printBy = (body: (folder: string) => string, pieceLength: number, patience?: Duration.Duration) =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const result = yield* print(bytes, pieceLength, failingPrinter(folder, body(folder)), patience)
      expect(result.printed.equals(printedWhole)).toBe(true)
      return { ...result, started: printersStarted(folder) }
    })

  it.scopedLive.each(pieceLengths)(
    "loses and doubles nothing by one that ends after 700 packets (pieces of %i)",
    (length) =>
      Effect.gen(function* () {
        const body = () => `[ $(wc -c <"$F/starts") -gt 5 ] || exec tcpdump "$@" -c 700`
        const { failures, ownWords } = yield* printBy(body, length)
        expect(failures.length).toBeGreaterThan(3)
        expect(ownWords).toBe(0)
      })
  )

  it.scopedLive.each(pieceLengths)("nor by one that is killed in the middle of a line (pieces of %i)", (length) =>
    Effect.gen(function* () {
      const body = () => `[ $(wc -c <"$F/starts") -gt 3 ] || { tcpdump "$@" | head -c 7777; kill -SEGV $$; }`
      expect((yield* printBy(body, length)).ownWords).toBe(0)
    })
  )

  it.scopedLive("nor by a shell that is killed while its tcpdump prints", () =>
    Effect.gen(function* () {
      const body = () =>
        `! mkdir "$F/once" 2>/dev/null || { head -c 20000 | tcpdump "$@"; kill -KILL $PPID; exec sleep 1000; }`
      const { failures, ownWords } = yield* printBy(body, 2 ** 22)
      expect(failures).toEqual([expect.stringMatching(/^was ended by signal SIGKILL/)])
      expect(ownWords).toBe(0)
    })
  )

  it.scopedLive("nor by one that dies on the last of several parts, when the others are printed", () =>
    Effect.gen(function* () {
      const body = () =>
        `[ $(wc -c <"$F/starts") -ne ${sources === packets ? 3 : 1} ] || { tcpdump "$@" | head -c 7777; kill -BUS $$; }`
      const { failures, ownWords } = yield* printBy(body, 2 ** 22)
      expect(failures).toEqual([expect.stringMatching(/^was ended by signal SIGBUS/)])
      expect(ownWords).toBe(0)
    })
  )

  it.scopedLive("nor by one that always exits at once: then the lines are in the packet decoder's words", () =>
    Effect.gen(function* () {
      const { failures, ownWords, started } = yield* printBy(() => "echo no printing today >&2; exit 3", 2 ** 22)
      expect(failures[0]).toContain("exited with status 3, saying: no printing today")
      expect(ownWords).toBe(packets)
      expect(started).toBeLessThan(10)
    })
  )

  it.scopedLive("nor by one that dies after many words: its last ones are told", () =>
    Effect.gen(function* () {
      const body =
        () => `for said in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo "a warning $said" >&2; done
[ $(wc -c <"$F/starts") -ne ${sources === packets ? 3 : 1} ] || { echo the last word >&2; exit 5; }`
      const { failures } = yield* printBy(body, 2 ** 22)
      expect(failures).toEqual(["exited with status 5, saying: a warning 19 | a warning 20 | the last word"])
    })
  )

  it.scopedLive.each([
    ["hangs", "exec sleep 1000"],
    ["stops reading", `head -c 2000 | tcpdump "$@"; exec sleep 1000`],
    ["prints something else", "exec cat"]
  ] as const)("nor by one that %s", ([, body]) =>
    Effect.gen(function* () {
      const once = `! mkdir "$F/once" 2>/dev/null || { ${body}; }`
      const { ownWords, failures } = yield* printBy(() => once, 2 ** 22, Duration.seconds(3))
      expect(ownWords).toBe(0)
      expect(failures).toHaveLength(1)
    })
  )

  // Whose packets they are makes no difference: this comes when they are printed singly.
  const ends = sources === packets ? (["dies"] as const) : (["dies", "hangs"] as const)
  it.scopedLive.each(ends)("writes a packet on which each printer %s in the packet decoder's words", (end) =>
    Effect.gen(function* () {
      // The sequence numbers of two packets, as they stand in their TCP headers.
      const { ownWords, failures } = yield* printBy(
        (folder) => killedBy(folder, "00000fa0", end),
        2 ** 22,
        Duration.seconds(3)
      )
      expect(ownWords).toBe(1)
      expect(failures.length).toBeLessThan(5)
    })
  )
})
