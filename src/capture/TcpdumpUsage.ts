import * as Effect from "effect/Effect"
import { type Answer, ask } from "../host/Program.ts"
import { type OptionalOption, type Source, type TcpdumpOptions, tcpdumpArguments } from "./Tcpdump.ts"

/**
 * How each optional option shows in the usage of a tcpdump that takes it: among the letters of the first pair of brackets, or by name.
 * OpenBSD's tcpdump has another `-B`, and takes neither `-Z` (it drops privileges by itself) nor `-U` (its `-w` is unbuffered).
 *
 * @example
 * Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count] … [ --immediate-mode ] … [ -Z user ]
 * Usage: tcpdump [-AadefILlNnOopqStvXx] [-B fildrop] [-c count] [-D direction] …
 */
const inUsage: Readonly<Record<OptionalOption, RegExp>> = {
  "-Z": /\[ ?-Z user/,
  "-U": /^[^\]]*-[^\]\s]*U/,
  "-B": /\[ ?-B size/,
  "--immediate-mode": /--immediate-mode/
}

/** The optional options that a usage does not show. */
export const refusedOptions = (usage: string): ReadonlySet<OptionalOption> =>
  // The keys are those of the table.
  new Set((Object.keys(inUsage) as ReadonlyArray<OptionalOption>).filter((option) => !inUsage[option].test(usage)))

const usageStart = /^usage: /i

/** Picks the usage out of what a tcpdump writes to stderr, which it does only where it does not take an option. */
export class UsageReader {
  #usage: string | undefined

  /** Takes a line; whether it belonged to the usage. */
  take(line: string): boolean {
    if (this.#usage === undefined && !usageStart.test(line)) return false
    this.#usage = `${this.#usage ?? ""}${line}\n`
    return true
  }

  /** The optional options that this tcpdump does not take, once it has shown its usage. */
  get refused(): ReadonlySet<OptionalOption> {
    return this.#usage === undefined ? new Set() : refusedOptions(this.#usage)
  }
}

/** What came of trying the command line of `run`. */
export interface TriedCommand {
  /** The arguments with which `run` starts tcpdump here. */
  readonly arguments: ReadonlyArray<string>
  /** The options that this tcpdump does not take, and that are left out. */
  readonly refused: ReadonlySet<OptionalOption>
  /** What tcpdump answered when it was given these arguments with `-d`, which opens the source and captures nothing. */
  readonly answer: Answer
}

/** Tries the very command line that `run` uses, without capturing: first whole, then without the options that tcpdump refuses. */
export const tryCommand = (options: TcpdumpOptions, source: Source, isRoot: boolean): Effect.Effect<TriedCommand> =>
  Effect.gen(function* () {
    const whole = yield* tryWithout(new Set(), options, source, isRoot)
    const { answer } = whole
    if (answer._tag !== "Ended" || answer.status === 0) return whole
    const usage = new UsageReader()
    for (const line of answer.stderr.split("\n")) usage.take(line)
    const { refused } = usage
    return refused.size === 0 ? whole : yield* tryWithout(refused, options, source, isRoot)
  })

const tryWithout = (
  refused: ReadonlySet<OptionalOption>,
  options: TcpdumpOptions,
  source: Source,
  isRoot: boolean
): Effect.Effect<TriedCommand> => {
  const args = tcpdumpArguments(options, source, isRoot, refused)
  return Effect.map(ask(options.tcpdump, ["-d", ...args]), (answer) => ({ arguments: args, refused, answer }))
}
