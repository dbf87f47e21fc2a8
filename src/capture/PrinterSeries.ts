import { constants } from "node:os"
import * as Command from "@effect/platform/Command"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ProcessEnd, TcpdumpError } from "./CaptureError.ts"
import { endOfOne, type Mark, MarkedLines, markRecord, type Printed, randomMark, textOfMark } from "./MarkedLines.ts"
import { NameTable } from "./NameTable.ts"
import { startDirect, type Wiring } from "./PipedProcess.ts"
import type { AnyPrinter, PrinterSettings } from "./Printer.ts"
import { readPrinter } from "./PrinterOutput.ts"
import { type Records, splitByLoad } from "./RecordSplitter.ts"

/**
 * tcpdumps that write large blocks, for loads, one after the other.
 *
 * It costs us 8.8 ms of CPU to start a process: the kernel copies the page tables of all our memory, and each page that we write
 * afterwards faults once. A shell is small, and does it for a tenth of that; so one shell starts tcpdump again and again.
 */
export interface PrinterSeries extends AnyPrinter {
  /**
   * Prints records, wholly or not at all: those that the tcpdump at work bears, or each part by one of its own.
   *
   * @returns what came of it, and the records that are for another series
   */
  readonly print: (records: Records) => Effect.Effect<readonly [printed: Printed, others: Records | undefined]>
  /** Whether it is worth while to give it more. */
  readonly isOpen: () => boolean
  /** Waits until it has written its last. */
  readonly ended: Effect.Effect<void>
}

/** The shell reads from 0 how many records the next tcpdump prints; tcpdump reads these records from 4, and has 3 as its stderr. */
const wiring: Wiring = { inputs: [0, 4], stderr: 3 }

const endMark = "PFASCIILOGD_END"

/** How many records the next tcpdump prints where it stays until its input ends; it is the last then. */
const toTheEnd = "all"

/**
 * The shell's own stderr is thrown away: there it only says which signal has killed a tcpdump, and its exit status tells that. A
 * tcpdump reads ahead of what it prints, so the next one's records are not written before it has ended.
 */
const script = `
tcpdump=$1
shift
while read -r count; do
  if [ "$count" = ${toTheEnd} ]; then "$tcpdump" "$@" <&4 2>&3; else "$tcpdump" -c "$count" "$@" <&4 2>&3; fi || exit
  echo "$${endMark}"
done`

const inSeries = (command: Command.Command, mark: Mark): Command.Command => {
  const [standard] = Command.flatten(command)
  return Command.make("/bin/sh", "-c", script, "sh", standard.command, ...standard.args).pipe(
    Command.env({ ...Object.fromEntries(standard.env), [endMark]: textOfMark(mark) + endOfOne }, { extendEnv: false })
  )
}

/** How the tcpdump has ended with which the shell ended: POSIX has that say 128 and more for a signal. */
const statusInSeries = (status: ProcessEnd): ProcessEnd => {
  if (status._tag !== "Exited" || status.status <= 128) return status
  const signal = Object.entries(constants.signals).find(([, number]) => number === status.status - 128)?.[0]
  return signal === undefined ? status : { _tag: "Killed", signal }
}

/**
 * What writes blocks is given so many marks more than are needed: their lines, of 18 characters at least, fill the 4 KiB that C's
 * stdio holds back, and so push out all in front of them.
 */
const padding = 256

/** Where they do not within this time, since a system's stdio holds back more, the end of its input does. */
const pushTime = Duration.millis(250)

/** Starts a series, which ends with the scope at the latest. */
export const startSeries = ({
  command,
  program,
  file,
  patience
}: PrinterSettings): Effect.Effect<PrinterSeries, TcpdumpError, Scope.Scope> =>
  Effect.gen(function* () {
    const mark = randomMark()
    const child = yield* startDirect(inSeries(command, mark), program, wiring, true)
    const lines = new MarkedLines(mark)
    const output = yield* readPrinter(child, lines, patience, statusInSeries)
    const marking = markRecord(file, mark)
    const filling = Buffer.concat(Array.from({ length: padding }, () => marking))
    const [control, input] = child.inputs
    /** What the tcpdump at work has in its table. */
    const names = new NameTable()
    let isOpen = true
    /** Whether a tcpdump is at work that stays. */
    let isStanding = false
    const close = () => {
      isOpen = false
      control?.end()
      input?.end()
    }
    const start = (records: number | typeof toTheEnd) => control?.write(Buffer.from(`${records}\n`))

    const printStanding = (records: Records) =>
      Effect.suspend(() => {
        if (!isStanding) {
          isStanding = true
          start(toTheEnd)
          input?.write(file.header)
        }
        for (const bytes of [records.bytes, marking, filling]) input?.write(bytes)
        if (names.isNearlyFull) close()
        return output.printed((done) => lines.expect(1, padding, done), { after: pushTime, by: close })
      })

    /** Prints parts, each by a tcpdump of its own; the first of them where one does not end. */
    const printInParts = (parts: ReadonlyArray<Records>) =>
      Effect.suspend(() => {
        const waiting = parts.values()
        const giveNext = () => {
          const { value } = waiting.next()
          if (value === undefined || !isOpen) return false
          for (const bytes of [file.header, value.bytes, marking]) input?.write(bytes)
          return true
        }
        // Each can start while the one before it ends.
        for (const { count } of parts) start(count + 1)
        giveNext()
        return output.printed((done) => lines.expect(parts.length, giveNext, done), {
          after: pushTime,
          // A script in tcpdump's place may wait for the end of its input.
          by: close
        })
      })

    return {
      file,
      print: (records) =>
        Effect.suspend(() => {
          const [first, others] = splitByLoad(records, names)
          if (isStanding || (others === undefined && isWorthStanding(names, records))) {
            return Effect.map(printStanding(first), (printed) => [printed, others] as const)
          }
          const parts = [first]
          const left: Array<Records | undefined> = [others]
          for (let rest = others; rest !== undefined; ) {
            names.clear()
            const [next, behind] = splitByLoad(rest, names)
            parts.push(next)
            left.push(behind)
            rest = behind
          }
          names.clear()
          return Effect.map(printInParts(parts), (printed) => [printed, left[printed.marks - 1]] as const)
        }),
      isOpen: () => isOpen,
      close,
      ended: output.ended,
      words: output.words
    }
  })

/** Whether one that has printed these records will bear many more: its table is light, or they came from few. */
const isWorthStanding = (names: NameTable, { count }: Records): boolean =>
  names.isLight || (2 * names.size < count && !names.isNearlyFull)
