import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { filterModes } from "../decode/Probe.ts"
import { ownPrefix } from "../fail2ban/audit/SamplePackets.ts"
import { sampleScans } from "../fail2ban/audit/SampleScans.ts"
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
    return mode === undefined
      ? judge(jail, jail.filter, shippedName, [])
      : Effect.succeed(good("filter", `${jail.name} has the shipped filter, in mode ${mode}`))
  })

/** Whether the filter of a jail of the second log is the shipped one, or passes the audit and finds scans of every form. */
export const checkScanFilter = (jail: Jail): Effect.Effect<Finding> =>
  Effect.suspend(() =>
    isSame(jail.filter, parseFilter(shippedScanFilterText(), shippedScanName, new Map()))
      ? Effect.succeed(good("filter", `${jail.name} has the shipped filter of scans`))
      : judge(
          jail,
          { ...jail.filter, reads: "scans" },
          shippedScanName,
          sampleScans.map(({ text }) => ownPrefix + text)
        )
  )

/** Judges a filter by the audit, and by lines that it ought to match. */
const judge = (
  jail: Jail,
  filter: FilterDefinition,
  shipped: string,
  lines: ReadonlyArray<string>
): Effect.Effect<Finding> => {
  const remedy = `Use the shipped filter: filter = ${shipped}; pfasciilogd test-pattern shows what is wrong with another.`
  const matcher = makeMatcher(filter)
  if (Either.isLeft(matcher)) {
    const why = `the filter of ${jail.name} cannot be judged: ${matcher.left.message}`
    return Effect.succeed(warning("filter", why, remedy))
  }
  return Effect.gen(function* () {
    const trial = yield* beginTrial([filter])
    yield* trial.take(lines)
    return findingOf(jail, (yield* trial.finish).total, remedy)
  }).pipe(Effect.scoped)
}

const findingOf = (jail: Jail, { audit: [fault], givenUp, judgement }: FilterReport, remedy: string): Finding => {
  if (givenUp !== undefined) return failed("filter", `the filter of ${jail.name} is too slow: ${givenUp}`, remedy)
  if (fault !== undefined) {
    const why = `the filter of ${jail.name} can be fooled: ${fault.carrier} makes it name ${fault.names ?? "a host"}`
    return failed("filter", why, remedy)
  }
  return judgement.missed === 0
    ? good("filter", `the filter of ${jail.name} is not the shipped one, but passes the audit`)
    : failed(
        "filter",
        `the filter of ${jail.name} misses ${judgement.missed} of ${judgement.scans} forms of a scan's line`,
        remedy
      )
}

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
