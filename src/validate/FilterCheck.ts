import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { filterModes } from "../decode/Probe.ts"
import { type FilterDefinition, parseFilter } from "../fail2ban/filter/FilterFile.ts"
import {
  shippedFilterText,
  shippedName,
  shippedScanFilterText,
  shippedScanName
} from "../fail2ban/filter/ShippedFiles.ts"
import type { FilterReport } from "../fail2ban/judge/FilterReport.ts"
import { makeMatcher } from "../fail2ban/match/Matcher.ts"
import { beginTrial } from "../fail2ban/trial/RemoteTrial.ts"
import type { Jail } from "./Fail2banJails.ts"
import { type Finding, failed, good, warning } from "./Finding.ts"

/** Whether the filter of a jail is the shipped one, or passes the audit of `test-pattern`. */
export const checkFilter = (jail: Jail): Effect.Effect<Finding> =>
  Effect.suspend(() => {
    const mode = filterModes.find((candidate) => isShipped(jail.filter, candidate))
    if (mode !== undefined)
      return Effect.succeed(good("filter", `${jail.name} has the shipped filter, in mode ${mode}`))
    const remedy = `Use the shipped filter: filter = ${shippedName}; pfasciilogd test-pattern shows what is wrong with another.`
    const matcher = makeMatcher(jail.filter)
    if (Either.isLeft(matcher))
      return Effect.succeed(
        warning("filter", `the filter of ${jail.name} cannot be judged: ${matcher.left.message}`, remedy)
      )
    return beginTrial([jail.filter]).pipe(
      Effect.flatMap(({ finish }) => finish),
      Effect.scoped,
      Effect.map(({ total }) => findingOf(jail, total, remedy))
    )
  })

const findingOf = (jail: Jail, { audit: [fault], givenUp }: FilterReport, remedy: string): Finding => {
  if (givenUp !== undefined) return failed("filter", `the filter of ${jail.name} is too slow: ${givenUp}`, remedy)
  return fault === undefined
    ? good("filter", `the filter of ${jail.name} is not the shipped one, but passes the audit`)
    : failed(
        "filter",
        `the filter of ${jail.name} can be fooled: ${fault.carrier} makes it name ${fault.names ?? "a host"}`,
        remedy
      )
}

/** Whether a jail of the second log has the shipped filter; another one is not judged. */
export const checkScanFilter = (jail: Jail): Finding =>
  isSame(jail.filter, parseFilter(shippedScanFilterText(), shippedScanName, new Map()))
    ? good("filter", `${jail.name} has the shipped filter of scans`)
    : warning(
        "filter",
        `the filter of ${jail.name} is not the shipped one, ${shippedScanName}, and is not judged`,
        `Use the shipped filter: filter = ${shippedScanName}`
      )

const isShipped = (filter: FilterDefinition, mode: string): boolean =>
  isSame(filter, parseFilter(shippedFilterText(), shippedName, new Map([["mode", mode]])))

const isSame = (filter: FilterDefinition, shipped: ReturnType<typeof parseFilter>): boolean =>
  Either.match(shipped, {
    onLeft: () => false,
    onRight: ({ failregex, ignoreregex, prefregex, datepattern }) =>
      sameTexts(failregex, filter.failregex) &&
      sameTexts(ignoreregex, filter.ignoreregex) &&
      prefregex === filter.prefregex &&
      datepattern === filter.datepattern
  })

const sameTexts = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean =>
  left.length === right.length && left.every((text, index) => text === right[index])
