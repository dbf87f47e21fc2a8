import * as Either from "effect/Either"

/** A filter as users and jails name it: `name` or `name[key=value, key="value"]`. */
export interface FilterRequest {
  readonly name: string
  readonly parameters: Map<string, string>
}

/** Reads `name[key=value]` as fail2ban does (`extractOptions` in its helpers.py); several brackets may follow one another. */
export const parseFilterRequest = (text: string): Either.Either<FilterRequest, string> => {
  const request = /^([^[]+)(?:\[(.*)\])?\s*$/s.exec(text)
  if (request?.[1] === undefined) return Either.left("expected NAME or NAME[KEY=VALUE, …]")
  const parameters = new Map<string, string>()
  const option = /\s*([\w\-.]+)=(?:"([^"]*)"|'([^']*)'|([^,\]]*))(?:,|\]\s*\[|$)|,?\s*$/sy
  const inside = request[2] ?? ""
  while (option.lastIndex < inside.length) {
    const at = option.lastIndex
    const found = option.exec(inside)
    if (found === null) return Either.left(`expected KEY=VALUE at ${JSON.stringify(inside.slice(at, at + 25))}`)
    const [, key, double, simple, bare] = found
    if (key === undefined) break
    parameters.set(key, (double ?? simple ?? bare ?? "").trim())
  }
  return Either.right({ name: request[1].trim(), parameters })
}
