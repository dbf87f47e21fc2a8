import { isAbsolute, resolve } from "node:path"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Configuration, placedSettings, variableNamed } from "../config/Configuration.ts"
import { ConfigurationError } from "../config/ConfigurationError.ts"
import {
  type ConfigurationFile,
  type Flags,
  notAbsolute,
  refuseUnnamedLog,
  resolveConfiguration
} from "../config/Sources.ts"
import { readSmallFile } from "../host/SmallFile.ts"
import { defaultConfigFile } from "../host/System.ts"

/** `--config FILE`, for every subcommand that reads the configuration. */
export const configOption = Options.text("config").pipe(
  Options.withPseudoName("file"),
  Options.withDescription(`The configuration file (TOML); without it ${defaultConfigFile}, where that exists.`),
  Options.optional
)

/** A flag for every setting of the configuration; only `--read` may be given several times. */
export const settingOptions = Options.all(
  Object.fromEntries(
    placedSettings.map(({ setting }) => {
      const option = Options.text(setting.flag).pipe(
        Options.withPseudoName(setting.placeholder),
        Options.withDescription(setting.description)
      )
      return [
        setting.flag,
        setting.flag === "read" ? Options.repeated(option) : Options.map(Options.optional(option), Option.toArray)
      ]
    })
  )
)

/** The configuration that a command line asks for, with environment, file and defaults behind it. */
export const loadConfiguration = (
  config: Option.Option<string>,
  given: Readonly<Record<string, ReadonlyArray<string>>>
): Effect.Effect<Configuration, ConfigurationError> =>
  Effect.flatMap(readConfigurationFile(config), (file) => resolveConfiguration(flagValues(given), file))

/** The same for `run`, and for `validate`, which checks what `run` would do. */
export const loadRunConfiguration = (
  config: Option.Option<string>,
  given: Readonly<Record<string, ReadonlyArray<string>>>
): Effect.Effect<Configuration, ConfigurationError> =>
  Effect.gen(function* () {
    const file = yield* readConfigurationFile(config)
    const flags = flagValues(given)
    return yield* refuseUnnamedLog(flags, file, yield* resolveConfiguration(flags, file))
  })

const flagValues = (given: Readonly<Record<string, ReadonlyArray<string>>>): Flags =>
  Object.fromEntries(
    Object.entries(given).flatMap(([flag, values]) =>
      values.length === 0 ? [] : [[flag, values.length === 1 ? values[0] : values]]
    )
  )

/** The file that was named must be there; the default one may be absent. */
const readConfigurationFile = (
  config: Option.Option<string>
): Effect.Effect<ConfigurationFile | undefined, ConfigurationError> =>
  Effect.gen(function* () {
    const variable = process.env[variableNamed("config")]
    if (Option.isNone(config) && variable !== undefined && !isAbsolute(variable))
      return yield* invalid("unreadable", notAbsolute(`the environment's ${variableNamed("config")}`, variable))
    const named = Option.orElse(Option.map(config, resolve), () => Option.fromNullable(variable))
    const path = Option.getOrElse(named, () => defaultConfigFile)
    return yield* readSmallFile(path).pipe(
      Effect.flatMap((bytes) => decodeUtf8(path, bytes)),
      Effect.map((content): ConfigurationFile | undefined => ({ path, content })),
      Effect.catchIf(
        (error) => error._tag === "SmallFileError" && error.reason === "missing" && Option.isNone(named),
        () => Effect.succeed(undefined)
      ),
      Effect.mapError((error) =>
        error._tag === "ConfigurationError"
          ? error
          : invalid(
              "unreadable",
              `can't read the configuration ${path}: ${error.why}. Give --config the path of a readable TOML file.`
            )
      )
    )
  })

const invalid = (reason: ConfigurationError["reason"], problem: string): ConfigurationError =>
  new ConfigurationError({ reason, problems: [problem] })

/** TOML is UTF-8, a byte order mark at its beginning is none of its text. */
const decodeUtf8 = (path: string, bytes: Uint8Array): Effect.Effect<string, ConfigurationError> =>
  Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => invalid("syntax", `${path}: not valid TOML: it is not in UTF-8.`)
  })
