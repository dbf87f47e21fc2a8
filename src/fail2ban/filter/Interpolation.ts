import * as Either from "effect/Either"
import { defaultSection, type Options, type Sections } from "./ConfigText.ts"

/** How many times in a row `%(name)s` may refer to a further name: the limit of Python's configparser. */
const maxDepth = 10

/** Where the value of an option comes from: the parameters of a filter, and its files. */
export interface OptionSource {
  readonly sections: Sections
  /** The values that earlier files gave before a later one replaced them, by section: for `%(known/name)s`. */
  readonly known: Sections
  /** Parameters in brackets, `filter[mode=aggressive]`: they win over the files. */
  readonly parameters: Options
}

/** An option's value with every `%(name)s` in it resolved; nothing where there is no such option. */
export const optionValue = (
  source: OptionSource,
  section: string,
  option: string
): Either.Either<string | undefined, string> => {
  const raw = rawOption(source, section, option)
  return raw === undefined ? Either.right(undefined) : interpolate(source, section, raw, 1)
}

const rawOption = (source: OptionSource, section: string, option: string): string | undefined =>
  source.parameters.get(option) ??
  source.sections.get(section)?.get(option) ??
  source.sections.get(defaultSection)?.get(option)

const interpolate = (
  source: OptionSource,
  section: string,
  raw: string,
  depth: number
): Either.Either<string, string> => {
  if (depth > maxDepth) return Either.left(`%(…)s refers more than ${maxDepth} times in a row: ${JSON.stringify(raw)}`)
  let result = ""
  for (let at = 0; at < raw.length; ) {
    const percent = raw.indexOf("%", at)
    if (percent < 0) return Either.right(result + raw.slice(at))
    result += raw.slice(at, percent)
    if (raw[percent + 1] === "%") {
      result += "%"
      at = percent + 2
      continue
    }
    const reference = /^%\(([^)]+)\)s/.exec(raw.slice(percent))
    if (reference === null)
      return Either.left(
        `"%" must be followed by "%" or "(name)s": ${JSON.stringify(raw.slice(percent, percent + 30))}`
      )
    const value = referenced(source, section, reference[1] ?? "")
    if (value === undefined) return Either.left(`%(${reference[1]})s refers to an option that does not exist`)
    const inner = interpolate(source, section, value, depth + 1)
    if (Either.isLeft(inner)) return inner
    result += inner.right
    at = percent + reference[0].length
  }
  return Either.right(result)
}

/** The value of `name`, or of `section/name`, where `known` means the earlier value and `default` the section `[DEFAULT]`. */
const referenced = (source: OptionSource, section: string, reference: string): string | undefined => {
  const name = reference.toLowerCase()
  if (name === "__name__") return section
  const direct = rawOption(source, section, name)
  if (direct !== undefined) return direct
  const qualified = /^([\w-]+)\/(.+)$/.exec(reference)
  if (qualified === null) return undefined
  const [, place = "", option = ""] = qualified
  const fallback = source.sections.get(defaultSection)?.get(option)
  if (place.toLowerCase() === "known") return source.known.get(section)?.get(option) ?? fallback
  if (place.toLowerCase() === "default") return fallback
  return source.sections.get(place)?.get(option) ?? fallback
}
