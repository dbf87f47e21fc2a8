import * as Either from "effect/Either"
import { decodeLine } from "../../src/decode/text/TextDecoder.ts"
import { parseFilter } from "../../src/fail2ban/filter/FilterFile.ts"
import { shippedFilterText, shippedName } from "../../src/fail2ban/filter/Shipped.ts"
import { makeMatcher } from "../../src/fail2ban/match/Matcher.ts"
import { type Ban, bannedHosts, type JailThresholds, shippedThresholds } from "../../src/fail2ban/replay/Jail.ts"

/** What the shipped jail, with its filter and its thresholds, would make of a log. */
export const bansIn = (log: string): { readonly bans: ReadonlyArray<Ban>; readonly thresholds: JailThresholds } => {
  const thresholds = shippedThresholds()
  const filter = parseFilter(shippedFilterText(), shippedName, new Map()).pipe(
    Either.flatMap(makeMatcher),
    Either.getOrThrow
  )
  const matches = log.split("\n").flatMap((line) => {
    const time = decodeLine(line)?.time
    const match = filter.match(line)
    return time === undefined || match.type !== "match" ? [] : [{ host: match.host, time }]
  })
  return { bans: bannedHosts(thresholds, matches), thresholds }
}
