import * as Data from "effect/Data"
import * as Either from "effect/Either"
import type { ServerCommand } from "../client/ClientDump.ts"
import { JailOptions, jailNames } from "../client/JailOptions.ts"
import type { PythonValue } from "../client/PythonLiteral.ts"
import type { FilterDefinition } from "../filter/FilterFile.ts"
import type { BanRules, IncrementRules } from "./BanRules.ts"
import { parseDuration } from "./Duration.ts"

/** All options of a jail that decide which hosts it bans. */
export interface JailSpec {
  readonly name: string
  readonly filter: FilterDefinition
  readonly rules: BanRules
  /** Addresses and networks that it never bans, as configured. */
  readonly ignoreip: ReadonlyArray<string>
  /** The jail `recidive`, where it is enabled beside this one. */
  readonly recidive: BanRules | undefined
}

/**
 * A jail that cannot be replayed.
 *
 * - `no-jail`: fail2ban's configuration has no jail of that name;
 * - `unsupported`: one of its options depends on something that is in no log, or on code of the administrator.
 */
export class JailSpecError extends Data.TaggedError("JailSpecError")<{
  readonly reason: "no-jail" | "unsupported"
  readonly jail: string
  readonly detail: string
}> {
  override get message(): string {
    return `The jail ${this.jail} cannot be replayed: ${this.detail}`
  }
}

/** Finds a jail in what `fail2ban-client -d` prints: the commands that the server gets. */
export const jailSpecIn = (
  commands: ReadonlyArray<ServerCommand>,
  jail: string
): Either.Either<JailSpec, JailSpecError> =>
  Either.gen(function* () {
    const names = jailNames(commands)
    if (!names.includes(jail)) {
      const known = names.length === 0 ? "fail2ban enables none" : `fail2ban enables ${names.join(", ")}`
      return yield* Either.left(
        new JailSpecError({ reason: "no-jail", jail, detail: `there is no such jail; ${known}.` })
      )
    }
    const options = new JailOptions(commands, jail)
    const dbpurgeage = durationOf(commands.find(([verb, key]) => verb === "set" && key === "dbpurgeage")?.[2])
    return {
      name: jail,
      filter: options.filter,
      rules: yield* rulesIn(options, dbpurgeage ?? defaultPurgeAge),
      ignoreip: options.ignoreip,
      recidive: names.includes(recidive)
        ? yield* rulesIn(new JailOptions(commands, recidive), dbpurgeage ?? defaultPurgeAge)
        : undefined
    }
  })

/** The jail that counts the bans of the others. */
const recidive = "recidive"

/** One day, in seconds: fail2ban's `dbpurgeage` where nothing is configured. */
const defaultPurgeAge = 86_400

const rulesIn = (options: JailOptions, dbpurgeage: number): Either.Either<BanRules, JailSpecError> =>
  Either.gen(function* () {
    const unsupported = (detail: string) =>
      Either.left(new JailSpecError({ reason: "unsupported", jail: options.jail, detail }))
    const duration = (key: string) => {
      const value = options.last(key)
      const seconds = durationOf(value)
      return seconds === undefined
        ? unsupported(`its ${key} is ${JSON.stringify(value ?? null)}, which is no time such as 600, 10m or 1d.`)
        : Either.right(seconds)
    }
    if (String(options.last("ignorecommand") ?? "").trim() !== "")
      return yield* unsupported("its ignorecommand decides by running a program; only fixed addresses can be replayed.")
    const name = options.ignoreip.find((entry) => !/^[0-9a-fA-F.:/]+$/.test(entry))
    if (name !== undefined)
      return yield* unsupported(
        `its ignoreip has ${JSON.stringify(name)}, a name that fail2ban looks up; give its addresses.`
      )
    const maxretry = Number(options.last("maxretry"))
    if (!Number.isInteger(maxretry) || maxretry < 1)
      return yield* unsupported(
        `its maxretry is ${JSON.stringify(options.last("maxretry") ?? null)}, which is no number above 0.`
      )
    return {
      maxretry,
      findtime: yield* duration("findtime"),
      bantime: yield* duration("bantime"),
      increment: options.last("bantime.increment") === true ? yield* incrementIn(options, dbpurgeage) : undefined
    }
  })

const incrementIn = (options: JailOptions, dbpurgeage: number): Either.Either<IncrementRules, JailSpecError> =>
  Either.gen(function* () {
    const unsupported = (detail: string) =>
      Either.left(new JailSpecError({ reason: "unsupported", jail: options.jail, detail }))
    const multipliers = String(options.last("bantime.multipliers") ?? "")
      .split(" ")
      .filter((word) => word !== "")
    if (!multipliers.every((word) => /^\d+$/.test(word)))
      return yield* unsupported("its bantime.multipliers are no whole numbers.")
    if (options.last("bantime.overalljails") === true)
      return yield* unsupported("bantime.overalljails counts the bans of all jails, and this log belongs to one.")
    if (multipliers.length === 0 && options.last("bantime.formula") !== undefined)
      return yield* unsupported("its bantime.formula is code of your own; only fail2ban's default can be replayed.")
    const factor = Number(options.last("bantime.factor") ?? 1)
    if (!Number.isFinite(factor)) return yield* unsupported("its bantime.factor is no number.")
    const optional = (key: string) => {
      const value = options.last(key)
      if (value === undefined) return Either.right(undefined)
      const seconds = durationOf(value)
      return seconds === undefined ? unsupported(`its ${key} is no time.`) : Either.right(seconds)
    }
    return {
      factor,
      multipliers: multipliers.map(Number),
      maxtime: yield* optional("bantime.maxtime"),
      rndtime: yield* optional("bantime.rndtime"),
      dbpurgeage
    }
  })

const durationOf = (value: PythonValue | undefined): number | undefined => {
  if (typeof value === "number") return value
  return typeof value === "string" ? parseDuration(value) : undefined
}
