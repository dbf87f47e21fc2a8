import * as Either from "effect/Either"
import { decodeLine } from "../../src/decode/TextDecoder.ts"
import { parseFilter } from "../../src/fail2ban/FilterFile.ts"
import { type Ban, bannedHosts, type JailThresholds, shippedThresholds } from "../../src/fail2ban/Jail.ts"
import { makeMatcher } from "../../src/fail2ban/Matcher.ts"
import { shippedFilterText, shippedName } from "../../src/fail2ban/Shipped.ts"

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
