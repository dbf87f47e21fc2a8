import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { DecoderName } from "../decode/Decoders.ts"
import { decoderNeededBy, type FormatName } from "../format/Formats.ts"
import { type Configuration, type PlacedSetting, placedSettings, variableNamed } from "./Configuration.ts"
import { ConfigurationError } from "./ConfigurationError.ts"
import { nearest } from "./Nearest.ts"
import { sameFiles } from "./SameFile.ts"
import { emptyTable, readAssignments, type TomlAssignment } from "./TomlFile.ts"

/** A value that a source sets, and the place, which the message names where the value is not accepted. */
interface Found {
  readonly raw: unknown
  readonly origin: string
}

/** The values of the flags that were given, by the flag's name. */
export type Flags = Readonly<Record<string, unknown>>

/** A configuration file's path and text. */
export interface ConfigurationFile {
  readonly path: string
  readonly content: string
}

/**
 * Puts the configuration together: flag before environment before file before default, each value checked by its setting. The
 * error reports everything that is wrong at once.
 */
export const resolveConfiguration = (
  flags: Flags,
  file: ConfigurationFile | undefined
): Effect.Effect<Configuration, ConfigurationError> =>
  Effect.gen(function* () {
    const assignments = file === undefined ? [] : yield* readAssignments(file.path, file.content)
    const problems: Array<string> = []
    if (file !== undefined) problems.push(...unknownKeys(file.path, assignments))

    const configuration: Record<string, Record<string, unknown>> = {}
    for (const placed of placedSettings) {
      const found = yield* findValue(flags, file, assignments, placed)
      const value = placed.setting.decode(found?.raw ?? placed.setting.default)
      if (Option.isNone(value)) problems.push(notAccepted(found, placed))
      configuration[placed.section] = {
        ...configuration[placed.section],
        [placed.property]: Option.getOrUndefined(value)
      }
    }
    // Each value comes from the `decode` of its own setting, as the type says.
    const complete = configuration as Configuration
    if (problems.length === 0) problems.push(...contradictions(complete), ...(yield* sameFiles(complete, file?.path)))
    return problems.length === 0 ? complete : yield* new ConfigurationError({ reason: "invalid", problems })
  })

/**
 * Refuses to read saved captures into a log that no source names: in a log that it follows, fail2ban takes a line with an old date
 * for a new one, and would now ban the hosts of a capture from last week. A log that flag, environment or file names is a choice
 * that somebody has made.
 */
export const refuseUnnamedLog = (
  flags: Flags,
  file: ConfigurationFile | undefined,
  configuration: Configuration
): Effect.Effect<Configuration, ConfigurationError> =>
  Effect.gen(function* () {
    const assignments = file === undefined ? [] : yield* readAssignments(file.path, file.content)
    const place = placedSettings.find(({ setting }) => setting.flag === "log-file")
    const named = place === undefined ? undefined : yield* findValue(flags, file, assignments, place)
    if (configuration.capture.read.length === 0 || named !== undefined) return configuration
    return yield* unnamedLog(configuration)
  })

const findValue = (
  flags: Flags,
  file: ConfigurationFile | undefined,
  assignments: ReadonlyArray<TomlAssignment>,
  placed: PlacedSetting
): Effect.Effect<Found | undefined> =>
  Effect.map(
    fromEnvironment(placed),
    (variable) => fromFlags(flags, placed) ?? variable ?? fromFile(file?.path ?? "", assignments, placed)
  )

const unnamedLog = ({ capture: { read }, log }: Configuration) =>
  new ConfigurationError({
    reason: "usage",
    problems: [
      `--read appends the packets of ${read.join(", ")} to a log, but no log is named. The default, ${log.file}, is the ` +
        "one that fail2ban follows: it takes old lines for new ones and bans their hosts today. Give them a log of their own: " +
        `pfasciilogd run ${read.map((file) => `--read ${file}`).join(" ")} --log-file /tmp/pf.log`
    ]
  })

// By default a comma ends a value, and the rest is lost; no variable can hold a NUL.
const environment = ConfigProvider.fromEnv({ seqDelim: "\0" }).pipe(
  ConfigProvider.nested("PFASCIILOGD"),
  ConfigProvider.constantCase
)

/** A relative path of a flag starts in the caller's folder; from here on it is absolute. */
const fromFlags = (flags: Flags, { setting }: PlacedSetting): Found | undefined => {
  const raw = flags[setting.flag]
  if (raw === undefined) return undefined
  return { raw: setting.absolute?.(raw) ?? raw, origin: `--${setting.flag}` }
}

/** The variable is named after the flag; one named after section and key works as well, since people try that first. */
const fromEnvironment = (placed: PlacedSetting): Effect.Effect<Found | undefined> =>
  Effect.flatMap(fromVariable(placed.setting.flag), (found) =>
    found === undefined ? fromVariable(`${placed.section}-${placed.key.replaceAll("_", "-")}`) : Effect.succeed(found)
  )

const fromVariable = (name: string): Effect.Effect<Found | undefined> =>
  Config.option(Config.string(name)).pipe(
    Effect.withConfigProvider(environment),
    Effect.map((value) =>
      Option.isNone(value) ? undefined : { raw: value.value, origin: `the environment's ${variableNamed(name)}` }
    ),
    Effect.orElseSucceed(() => undefined)
  )

const fromFile = (
  path: string,
  assignments: ReadonlyArray<TomlAssignment>,
  placed: PlacedSetting
): Found | undefined => {
  const assignment = assignments.find((candidate) => leadsTo(candidate, placed))
  if (assignment === undefined) return undefined
  return { raw: assignment.value, origin: `${path}:${assignment.line}: ${placed.section}.${placed.key}` }
}

const leadsTo = ({ path }: TomlAssignment, { section, key }: PlacedSetting): boolean =>
  path.length === 2 && path[0] === section && path[1] === key

const notAccepted = (found: Found | undefined, { setting }: PlacedSetting): string =>
  `${found?.origin ?? `the default of ${setting.flag}`}: ${JSON.stringify(found?.raw ?? setting.default)} is not accepted; accepted: ${setting.accepted}.`

/** The message about a relative path, which would mean another file in another folder. */
export const notAbsolute = (origin: string, found: string): string =>
  `${origin}: ${JSON.stringify(found)} is not accepted; accepted: an absolute path.`

const unknownKeys = (path: string, assignments: ReadonlyArray<TomlAssignment>): ReadonlyArray<string> => {
  const keys = placedSettings.map(({ section, key }) => `${section}.${key}`)
  const sections = [...new Set(placedSettings.map(({ section }) => section))]
  return assignments.flatMap((assignment) => {
    const [section = "", ...rest] = assignment.path
    const isSection = rest.length === 0 && assignment.value === emptyTable
    if (isSection ? sections.includes(section) : placedSettings.some((placed) => leadsTo(assignment, placed))) return []
    const name = [section, ...rest].join(".")
    const inSection = keys.filter((key) => key.startsWith(`${section}.`))
    const suggestion = nearest(name, isSection ? sections : [...keys])
    const accepted = isSection || inSection.length === 0 ? sections.map((known) => `[${known}]`) : inSection
    const hint = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`
    return [
      `${path}:${assignment.line}: unknown ${isSection ? "section" : "key"} ${name}.${hint} Known here: ${accepted.join(", ")}.`
    ]
  })
}

/** The detector's clock has no room for more. */
const longestScan = Duration.days(7)

/** Settings that do not go together, though each value alone is accepted. */
const contradictions = ({ capture, log, restart, scan }: Configuration): ReadonlyArray<string> => [
  ...lacksDecoder(log.format, capture.decoder),
  ...(Duration.greaterThan(scan.within, longestScan) || Duration.greaterThan(scan.remind, longestScan)
    ? [`scan.within and scan.remind may be ${Duration.format(longestScan)} at most.`]
    : []),
  ...(Duration.greaterThan(restart.initialDelay, restart.maxDelay)
    ? ["restart.initial_delay is longer than restart.max_delay: make it shorter, or the other longer."]
    : [])
]

const lacksDecoder = (format: FormatName, decoder: DecoderName): ReadonlyArray<string> => {
  const needed = decoderNeededBy(format)
  if (needed === undefined || needed === decoder) return []
  return [
    `log.format "${format}" needs fields that the decoder ${decoder} does not have: set capture.decoder to "${needed}" (--decoder ${needed}).`
  ]
}
