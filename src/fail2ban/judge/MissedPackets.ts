import type { PfLogEntry } from "../../decode/PfLogEntry.ts"
import { type NoProbe, whyNoProbe } from "../../decode/Probe.ts"

/**
 * The kind of a packet that was blocked inbound and that a filter does not match: why it is no probe, or what kind of probe; or a
 * line of the second log, which stands for probes.
 */
export type MissedKind =
  | Exclude<NoProbe, "not blocked inbound">
  | "ICMP"
  | "IPv6"
  | "other rules"
  | "other interfaces"
  | "TCP"
  | "UDP"
  | "other protocols"
  | "scans"

/** How many groups are kept; further packets are grouped by protocol only, since the log of a flood must not fill the memory. */
const mostGroups = 20_000

/** Missed probes with the same rule, interface and protocol. */
interface ProbeGroup {
  readonly rule: string
  readonly interface: string
  readonly protocol: MissedKind
  readonly line: string
  count: number
}

/** Counts what a filter missed by kind, and keeps the first line of each. */
export class MissedPackets {
  private readonly counts = new Map<MissedKind, number>()
  private readonly lines = new Map<MissedKind, string>()
  private readonly groups = new Map<string, ProbeGroup>()
  private readonly matchedRules = new Set<string>()
  private readonly matchedInterfaces = new Set<string>()
  private lastMatched: PfLogEntry | undefined
  total = 0
  /** How many of the missed packets are probes. */
  probes = 0

  /** Takes a packet that the filter matched, and remembers that the filter knows its rule and its interface. */
  matched(entry: PfLogEntry): void {
    const last = this.lastMatched
    if (
      last !== undefined &&
      last.rule === entry.rule &&
      last.interface === entry.interface &&
      last.ruleset === entry.ruleset
    )
      return
    this.lastMatched = entry
    this.matchedRules.add(ruleOf(entry))
    this.matchedInterfaces.add(entry.interface)
  }

  /** Takes a packet that the filter missed. */
  missed(entry: PfLogEntry, line: string): void {
    this.total += 1
    const why = whyNoProbe(entry)
    if (why === undefined) this.missedProbe(entry, line)
    else if (why !== "not blocked inbound") this.add(why, 1, line)
  }

  /** Takes a line of the second log that the filter missed. */
  missedScan(line: string): void {
    this.total += 1
    this.probes += 1
    this.add("scans", 1, line)
  }

  private missedProbe(entry: PfLogEntry, line: string): void {
    this.probes += 1
    const obvious = obviousKind(entry)
    if (obvious !== undefined) {
      this.add(obvious, 1, line)
      return
    }
    const protocol = protocolKind(entry)
    const rule = ruleOf(entry)
    const key = `${rule} ${entry.interface} ${protocol}`
    const group = this.groups.get(key)
    if (group !== undefined) group.count += 1
    else if (this.groups.size < mostGroups)
      this.groups.set(key, { rule, interface: entry.interface, protocol, line, count: 1 })
    else this.add(protocol, 1, line)
  }

  /** The count of each kind with a line of it, the most frequent kind first. */
  byKind(): ReadonlyArray<{ readonly kind: MissedKind; readonly count: number; readonly line: string }> {
    for (const group of this.groups.values()) this.add(this.kindOf(group), group.count, group.line)
    this.groups.clear()
    return [...this.counts]
      .map(([kind, count]) => ({ kind, count, line: this.lines.get(kind) ?? "" }))
      .sort((left, right) => right.count - left.count)
  }

  private add(kind: MissedKind, count: number, line: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + count)
    if (!this.lines.has(kind)) this.lines.set(kind, line)
  }

  private kindOf(group: ProbeGroup): MissedKind {
    if (this.matchedRules.size > 0 && !this.matchedRules.has(group.rule)) return "other rules"
    if (this.matchedInterfaces.size > 0 && !this.matchedInterfaces.has(group.interface)) return "other interfaces"
    return group.protocol
  }
}

const ruleOf = (entry: PfLogEntry): string => `${entry.rule ?? "default"}.${entry.ruleset ?? ""}`

const obviousKind = (entry: PfLogEntry): MissedKind | undefined => {
  if (entry.protocol === "icmp" || entry.protocol === "ipv6-icmp") return "ICMP"
  return entry.family === "ipv6" ? "IPv6" : undefined
}

const protocolKind = (entry: PfLogEntry): MissedKind => {
  if (entry.protocol === "tcp") return "TCP"
  return entry.protocol === "udp" ? "UDP" : "other protocols"
}
