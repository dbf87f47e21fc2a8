import * as Either from "effect/Either"
import { parseConfigText } from "../filter/ConfigText.ts"
import type { FilterError } from "../filter/FilterError.ts"
import { parseFilter } from "../filter/FilterFile.ts"
import { shippedFilterText, shippedJailText, shippedName } from "../filter/ShippedFiles.ts"
import { parseDuration } from "./Duration.ts"
import type { JailSpec } from "./JailSpec.ts"

/** The shipped jail, as an administrator has it who only enables it. */
export const shippedJail = (): Either.Either<JailSpec, FilterError> => {
  const options = Either.getOrUndefined(parseConfigText(shippedJailText()))?.get(shippedName)
  const seconds = (name: string) => parseDuration(options?.get(name) ?? "") ?? 0
  const mode = options?.get("mode") ?? "normal"
  return Either.map(parseFilter(shippedFilterText(), shippedName, new Map([["mode", mode]])), (filter) => ({
    name: shippedName,
    filter,
    rules: {
      maxretry: seconds("maxretry"),
      findtime: seconds("findtime"),
      bantime: seconds("bantime"),
      increment: undefined
    },
    ignoreip: [],
    recidive: undefined
  }))
}
