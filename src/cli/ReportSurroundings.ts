import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import { Reader, type Response } from "mmdb-lib"
import { explain, systemCall } from "../host/Errno.ts"
import { ask } from "../host/Program.ts"
import { readSmallFile } from "../host/SmallFile.ts"
import { asIn, countryIn, type Geo } from "../report/model/Geo.ts"
import { parseRuleTexts, type RuleTexts } from "../report/model/RuleTexts.ts"
import { parseServices } from "../report/model/Services.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { ExitStatus } from "./ExitStatus.ts"

/** A larger file is no database of countries or systems. */
const largestDatabase = 512 * 1024 * 1024

/** Opens the databases that are named. */
export const geoOf = ({
  country,
  asn
}: {
  readonly country: string
  readonly asn: string
}): Effect.Effect<Geo, CommandFailure> =>
  Effect.map(Effect.all([readerOf(country), readerOf(asn)]), ([countries, systems]) => ({
    country: countries === undefined ? undefined : (address) => countryIn(countries(address)),
    as: systems === undefined ? undefined : (address) => asIn(systems(address))
  }))

type Lookup = (address: string) => unknown

const readerOf = (file: string): Effect.Effect<Lookup | undefined, CommandFailure> => {
  if (file === "") return Effect.succeed(undefined)
  const unusable = (why: string) =>
    new CommandFailure({ status: ExitStatus.noInput, message: `${file} can't be used as a database: ${why}.` })
  return Effect.gen(function* () {
    const stats = yield* Effect.mapError(
      systemCall<fs.Stats>((done) => fs.stat(file, done)),
      (error) => unusable(explain(error))
    )
    if (!stats.isFile() || stats.size > largestDatabase) return yield* unusable("it is no regular file, or too large")
    const bytes = yield* Effect.mapError(
      systemCall<Buffer>((done) => fs.readFile(file, done)),
      (error) => unusable(explain(error))
    )
    const reader = yield* Effect.try({
      try: () => new Reader<Response>(bytes),
      catch: () => unusable("it is no MMDB file")
    })
    return (address) => lookUp(reader, address)
  })
}

/** A damaged database makes the library throw on some addresses only: these stay unknown. */
const lookUp = (reader: Reader<Response>, address: string): unknown => {
  try {
    return reader.get(address)
  } catch {
    return undefined
  }
}

/** The names of ports on this host; none where it has no such list. */
export const serviceNames: Effect.Effect<ReadonlyMap<string, string>> = readSmallFile("/etc/services").pipe(
  Effect.map((bytes) => parseServices(bytes.toString("utf8"))),
  Effect.orElseSucceed(() => new Map())
)

/** pf's rules of now, where pfctl is there and may tell them. */
export const rulesOfNow: Effect.Effect<RuleTexts | undefined> = Effect.map(ask("pfctl", ["-vvsr"]), (answer) =>
  answer._tag === "Ended" && answer.status === 0 ? parseRuleTexts(answer.stdout) : undefined
)
