import * as Either from "effect/Either"

/** How often one option may be inserted into another: fail2ban's `MAX_TAG_REPLACE_COUNT`. */
const maxReplacements = 25

const tag = /<([^ <>]+)>/g

/**
 * Replaces `<name>` in the values of options by the option of that name, nested tags (`<mode-<mode>>`) from the inside out.
 * Tags without an option, such as `<HOST>`, stay (`substituteRecursiveTags` in fail2ban's helpers.py).
 *
 * @param lookUp gives further options, such as `known/name`
 */
export const resolveOptionTags = (
  options: ReadonlyMap<string, string>,
  lookUp: (name: string) => string | undefined
): Either.Either<Map<string, string>, string> => {
  const values = new Map(options)
  const counts = new Map<string, Map<string, number>>()
  for (let changed = true; changed; ) {
    changed = false
    for (const [name, before] of values) {
      const count = counts.get(name) ?? new Map<string, number>()
      counts.set(name, count)
      const after = substituted(name, before, count, (key) => values.get(key) ?? lookUp(key))
      if (Either.isLeft(after)) return Either.left(after.left)
      if (after.right === before) continue
      values.set(name, after.right)
      changed = true
    }
  }
  return Either.right(values)
}

const substituted = (
  name: string,
  text: string,
  count: Map<string, number>,
  replacementFor: (key: string) => string | undefined
): Either.Either<string, string> => {
  let value = text
  tag.lastIndex = 0
  for (let found = tag.exec(value); found !== null; found = tag.exec(value)) {
    const key = found[1] ?? ""
    if (key === name || (count.get(key) ?? 0) > maxReplacements)
      return Either.left(`option "${name}" refers to itself through <${key}>`)
    const replacement = replacementFor(key)
    if (replacement === undefined) continue
    value = value.replaceAll(found[0], () => replacement)
    count.set(key, (count.get(key) ?? 0) + 1)
    tag.lastIndex = found.index
  }
  return Either.right(value)
}
