import * as Options from "@effect/cli/Options"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Configuration, placedSettings } from "../config/Configuration.ts"
import { ConfigurationError } from "../config/ConfigurationError.ts"
import { type ConfigurationFile, type Flags, refuseUnnamedLog, resolveConfiguration } from "../config/Sources.ts"
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
): Effect.Effect<Configuration, ConfigurationError, FileSystem.FileSystem> =>
  Effect.flatMap(readConfigurationFile(config), (file) => resolveConfiguration(flagValues(given), file))

/** The same for `run`, and for `validate`, which checks what `run` would do. */
export const loadRunConfiguration = (
  config: Option.Option<string>,
  given: Readonly<Record<string, ReadonlyArray<string>>>
): Effect.Effect<Configuration, ConfigurationError, FileSystem.FileSystem> =>
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
): Effect.Effect<ConfigurationFile | undefined, ConfigurationError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const named = Option.orElse(config, () => Option.fromNullable(process.env["PFASCIILOGD_CONFIG"]))
    const path = Option.getOrElse(named, () => defaultConfigFile)
    return yield* files.readFileString(path).pipe(
      Effect.map((content): ConfigurationFile | undefined => ({ path, content })),
      Effect.catchIf(
        (error) => Option.isNone(named) && error._tag === "SystemError" && error.reason === "NotFound",
        () => Effect.succeed(undefined)
      ),
      Effect.mapError((error) => {
        const missing = error._tag === "SystemError" && error.reason === "NotFound"
        const why = missing ? "it doesn't exist" : error.message
        return new ConfigurationError({
          reason: "unreadable",
          problems: [`can't read the configuration ${path}: ${why}. Give --config the path of a readable TOML file.`]
        })
      })
    )
  })
