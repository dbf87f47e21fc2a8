import * as Either from "effect/Either"
import { decodeLine } from "../../src/decode/TextDecoder.ts"
import { parseFilter } from "../../src/fail2ban/FilterFile.ts"
import { bannedHosts, type MatchedPacket, shippedThresholds } from "../../src/fail2ban/Jail.ts"
import { makeMatcher } from "../../src/fail2ban/Matcher.ts"
import { shippedFilterText, shippedName } from "../../src/fail2ban/Shipped.ts"

/** What a jail would do on a log, for people. */
export interface DemoBans {
  readonly hosts: ReadonlyArray<{ readonly host: string; readonly packets: number }>
  readonly jail: { readonly bantime: string; readonly maxretry: number; readonly findtime: string }
}

const units = [
  [86_400, "d"],
  [3600, "h"],
  [60, "m"],
  [1, "s"]
] as const

const durationText = (seconds: number): string => {
  const [size, unit] = units.find(([length]) => seconds % length === 0) ?? [1, "s"]
  return `${seconds / size}${unit}`
}

/** Tells whom the shipped jail would ban on a log of ours, by the shipped filter in its default mode. */
export const bansIn = (log: string): DemoBans => {
  const definition = Either.getOrThrow(parseFilter(shippedFilterText(), shippedName, new Map()))
  const matcher = Either.getOrThrow(makeMatcher(definition))
  const packets: Array<MatchedPacket> = []
  for (const line of log.split("\n")) {
    const match = matcher.match(line)
    if (match.type === "match") packets.push({ host: match.host, time: decodeLine(line)?.time ?? 0 })
  }
  const thresholds = shippedThresholds()
  return {
    hosts: bannedHosts(thresholds, packets).map(({ host, matches }) => ({ host, packets: matches })),
    jail: {
      bantime: durationText(thresholds.bantime),
      maxretry: thresholds.maxretry,
      findtime: durationText(thresholds.findtime)
    }
  }
}
