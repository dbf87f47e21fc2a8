import * as Either from "effect/Either"
import type { EpochMicros } from "../../decode/PfLogEntry.ts"
import { parseConfigText } from "../filter/ConfigText.ts"
import { shippedJailText, shippedName } from "../filter/Shipped.ts"

/** When a jail bans a host, and for how long. Times are in seconds. */
export interface JailThresholds {
  /** So many matches within `findtime` are a ban. */
  readonly maxretry: number
  readonly findtime: number
  readonly bantime: number
}

/** One packet that a jail's filter matched. */
export interface MatchedPacket {
  readonly host: string
  readonly time: EpochMicros
}

/** A host that a jail would ban. */
export interface Ban {
  readonly host: string
  /** When it would be banned first. */
  readonly time: EpochMicros
  /** How many of its packets matched, over the whole time. */
  readonly matches: number
}

/** What is counted of one host. */
interface Failure {
  first: EpochMicros
  retries: number
  matches: number
  ban: EpochMicros | undefined
}

const secondsIn: { readonly [unit: string]: number | undefined } = {
  "": 1,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  mo: 2_629_800,
  y: 31_557_600
}

/** Reads a time as fail2ban does in its short forms: `600`, `10m`, `1h`, `1d 12h`; nothing where it is none of them. */
export const parseDuration = (text: string): number | undefined => {
  const parts = [...text.trim().matchAll(/(\d+)\s*([a-z]*)\s*/gy)]
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text.trim()) return undefined
  let seconds = 0
  for (const [, count, unit = ""] of parts) {
    const factor = secondsIn[unit]
    if (factor === undefined) return undefined
    seconds += Number(count) * factor
  }
  return seconds
}

/** The thresholds of the jail that is shipped. */
export const shippedThresholds = (): JailThresholds => {
  const sections = Either.getOrUndefined(parseConfigText(shippedJailText()))
  const option = (name: string) => parseDuration(sections?.get(shippedName)?.get(name) ?? "") ?? 0
  return { maxretry: option("maxretry"), findtime: option("findtime"), bantime: option("bantime") }
}

/**
 * Tells which hosts a jail would ban, in the order of their bans.
 *
 * @param matches what the jail's filter matched, in the order of the log
 */
export const bannedHosts = (thresholds: JailThresholds, matches: Iterable<MatchedPacket>): ReadonlyArray<Ban> => {
  const failures = new Map<string, Failure>()
  for (const { host, time } of matches) {
    const failure = failures.get(host) ?? { first: time, retries: 0, matches: 0, ban: undefined }
    failures.set(host, failure)
    // What lies further back than findtime counts in proportion, as fail2ban does it (`FailTicket.adjustTime`).
    const age = (time - failure.first) / 1_000_000
    if (age > thresholds.findtime) {
      failure.retries = Math.round((failure.retries / age) * thresholds.findtime)
      failure.first = time - thresholds.findtime * 1_000_000
    }
    failure.retries += 1
    failure.matches += 1
    if (failure.retries >= thresholds.maxretry) failure.ban ??= time
  }
  const bans: Array<Ban> = []
  for (const [host, { ban, matches: count }] of failures)
    if (ban !== undefined) bans.push({ host, time: ban, matches: count })
  return bans.sort((left, right) => left.time - right.time)
}
