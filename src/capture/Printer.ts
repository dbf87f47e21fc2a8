import type * as Command from "@effect/platform/Command"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { TcpdumpError } from "./CaptureError.ts"
import { MarkedLines, markRecord, type Printed, randomMark } from "./MarkedLines.ts"
import { startDirect } from "./PipedProcess.ts"
import { readPrinter } from "./PrinterOutput.ts"
import { type CaptureFile, type Records, singleRecords } from "./RecordSplitter.ts"

/** What all printers have in common, whether one tcpdump or several, one after the other. */
export interface AnyPrinter {
  /** The capture file whose records it prints. */
  readonly file: CaptureFile
  /** Nothing more will be given: what it still holds back, it prints, and ends. */
  readonly close: () => void
  /** What it has said on stderr. */
  readonly words: () => ReadonlyArray<string>
}

/** A tcpdump that prints the records that it is given, each line at once. */
export interface Printer extends AnyPrinter {
  /**
   * Prints records: all of them, or none.
   *
   * @param singly whether it must be known of each record whether it is printed: `marks` counts them then. It costs twice as
   *   much, and the printer takes no more afterwards.
   */
  readonly print: (records: Records, singly: boolean) => Effect.Effect<Printed>
}

/** How a printer is started. */
export interface PrinterSettings {
  readonly command: Command.Command
  /** What messages call it. */
  readonly program: string
  readonly file: CaptureFile
  /** How long it may take to print anything of what it was given. */
  readonly patience: Duration.Duration
}

/** How long a printer may take to print anything of what it was given. */
export const usualPatience = Duration.seconds(5)

/** Starts a printer that writes line by line; it ends with the scope at the latest. */
export const startPrinter = ({
  command,
  program,
  file,
  patience
}: PrinterSettings): Effect.Effect<Printer, TcpdumpError, Scope.Scope> =>
  Effect.gen(function* () {
    const child = yield* startDirect(command, program)
    const mark = randomMark()
    const lines = new MarkedLines(mark)
    const output = yield* readPrinter(child, lines, patience, (status) => status)
    const marking = markRecord(file, mark)
    const [input] = child.inputs
    input?.write(file.header)
    const close = () => input?.end()
    return {
      file,
      print: (records, singly) =>
        Effect.suspend(() => {
          const parts = singly ? singleRecords(records) : [records]
          for (const { bytes } of parts) {
            input?.write(bytes)
            input?.write(marking)
          }
          if (singly) close()
          return output.printed((done) => lines.expect(parts.length, 0, done))
        }),
      close,
      words: output.words
    }
  })
