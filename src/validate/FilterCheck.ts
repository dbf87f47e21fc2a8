import * as Either from "effect/Either"
import { filterModes } from "../decode/Probe.ts"
import { auditFilter } from "../fail2ban/audit/Audit.ts"
import { type FilterDefinition, parseFilter } from "../fail2ban/filter/FilterFile.ts"
import { shippedFilterText, shippedName } from "../fail2ban/filter/Shipped.ts"
import { makeMatcher } from "../fail2ban/match/Matcher.ts"
import type { Jail } from "./Fail2banJails.ts"
import { type Finding, failed, good, warning } from "./Finding.ts"

/** Whether the filter of a jail is the shipped one, or withstands the audit of `test-pattern`. */
export const checkFilter = (jail: Jail): Finding => {
  const mode = filterModes.find((candidate) => isShipped(jail, candidate))
  if (mode !== undefined) return good("filter", `${jail.name} has the filter that we ship, in its mode ${mode}`)
  const remedy = `Use the filter that we ship: filter = ${shippedName}; pfasciilogd test-pattern shows what is wrong with another.`
  const matcher = makeMatcher(definitionOf(jail))
  if (Either.isLeft(matcher)) {
    return warning("filter", `the filter of ${jail.name} can't be judged: ${matcher.left.message}`, remedy)
  }
  const [fault] = auditFilter(matcher.right, { prefix: undefined })
  return fault === undefined
    ? good("filter", `the filter of ${jail.name} is not the one that we ship, but withstands the audit`)
    : failed(
        "filter",
        `the filter of ${jail.name} can be fooled: it takes ${fault.carrier} for ${fault.names ?? "a host"}`,
        remedy
      )
}

const definitionOf = (jail: Jail): FilterDefinition => ({
  name: jail.name,
  prefregex: jail.prefregex,
  failregex: jail.failregex,
  ignoreregex: jail.ignoreregex,
  datepattern: jail.datepattern,
  usedns: jail.usedns
})

const isShipped = (jail: Jail, mode: string): boolean =>
  Either.match(parseFilter(shippedFilterText(), shippedName, new Map([["mode", mode]])), {
    onLeft: () => false,
    onRight: ({ failregex, ignoreregex, prefregex, datepattern }) =>
      sameTexts(failregex, jail.failregex) &&
      sameTexts(ignoreregex, jail.ignoreregex) &&
      prefregex === jail.prefregex &&
      datepattern === jail.datepattern
  })

const sameTexts = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean =>
  left.length === right.length && left.every((text, index) => text === right[index])
