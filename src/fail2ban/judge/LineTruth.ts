import type { PfLogEntry } from "../../decode/PfLogEntry.ts"
import { decodeLine } from "../../decode/text/TextDecoder.ts"
import { scanSourceIn } from "../../scan/ScanLine.ts"
import { bannedAddress, sameAddress } from "../match/HostAddress.ts"
import type { MatchResult } from "../match/Matcher.ts"
import { looksLikePacket } from "./LookAlike.ts"
import type { MissedKind } from "./MissedPackets.ts"

/** What can be wrong with a match: it names another host, the packet was not blocked inbound, or the line shows no packet. */
export type WrongKind = "wrong host" | "passed" | "outbound" | "other action" | "no packet"

/** A line that a filter matches wrongly, or does not match, as evidence. */
export interface Example {
  readonly kind: WrongKind | "missed" | "unrecognised"
  readonly line: string
  /** The part of the line that matched, in characters; absent where nothing did. */
  readonly matched?: { readonly from: number; readonly to: number }
  /** The host that the filter names: as the line has it, and the address that fail2ban would ban. */
  readonly names?: string
  /** The truth about the line. */
  readonly truth: string
  /** The kind of a packet that the filter missed. */
  readonly missedKind?: MissedKind
}

/** The truth about a line. */
export interface LineTruth {
  readonly entry: PfLogEntry | undefined
  readonly blockedInbound: boolean
  /** The host or network that a line of the second log names. */
  readonly scan: string | undefined
  /** Whether it looks like a packet's, but has an unknown form. */
  readonly unrecognised: boolean
}

/** Finds the truth about a line, whose bytes are its characters (latin1). */
export const truthOf = (line: string): LineTruth => {
  const entry = decodeLine(line)
  const scan = entry === undefined ? scanSourceIn(line) : undefined
  return {
    entry,
    blockedInbound: entry !== undefined && entry.action === "block" && entry.direction === "in",
    scan,
    unrecognised: entry === undefined && scan === undefined && looksLikePacket(line)
  }
}

/** What is wrong with a match; nothing where it names the source of a packet that was blocked inbound. */
export const wrongKindOf = (
  { entry, blockedInbound, scan }: LineTruth,
  match: MatchResult & { readonly type: "match" }
): WrongKind | undefined => {
  if (scan !== undefined) return match.host === scan ? undefined : "wrong host"
  if (entry === undefined) return "no packet"
  if (!blockedInbound) {
    if (entry.action === "pass") return "passed"
    return entry.action === "block" ? "outbound" : "other action"
  }
  const source = entry.source?.address
  if (source === undefined) return "wrong host"
  if (source === match.host) return undefined
  const named = bannedAddress(match.host, match.isName)
  return named !== undefined && sameAddress(named, source) ? undefined : "wrong host"
}

/** The evidence of a wrong match. */
export const exampleOf = (
  kind: WrongKind,
  line: string,
  truth: LineTruth,
  match: MatchResult & { readonly type: "match" }
): Example => ({
  kind,
  line,
  matched: { from: match.from, to: match.to },
  names: describeNamed(match),
  truth: describeTruth(truth)
})

const describeNamed = ({ host, isName }: MatchResult & { readonly type: "match" }): string => {
  const address = bannedAddress(host, isName)
  if (address === undefined)
    return isName ? `${host}, a name that fail2ban would look up` : `${host}, which is no address`
  return address === host ? host : `${host}, which is ${address}`
}

/** The truth about a line in a few words. */
export const describeTruth = ({ entry, scan }: LineTruth): string => {
  if (scan !== undefined) return `a scan by ${scan}`
  if (entry === undefined) return "it is no packet's line"
  const action = entry.action === "block" ? "blocked" : entry.action === "pass" ? "passed" : `"${entry.action}"`
  return `${action} ${entry.direction}, from ${entry.source?.address ?? "an address that the line does not show"}`
}
