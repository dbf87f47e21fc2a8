import { decodeLine } from "../../decode/text/TextDecoder.ts"
import type { ScanRules } from "../../scan/ScanDetector.ts"
import { IgnoreList } from "../ignoreip/IgnoreList.ts"
import type { MatchResult } from "../match/Matcher.ts"
import { Grid, type GridCell } from "./Grid.ts"
import { HostBatches } from "./HostBatches.ts"
import { type HostFacts, Hosts } from "./Hosts.ts"
import type { JailSpec } from "./JailSpec.ts"
import { lineTime } from "./LineTime.ts"
import { Replay, type ReplayedBan } from "./Replay.ts"
import { ScanComparison, type ScanComparisonResult } from "./ScanComparison.ts"
import { TimeMerge } from "./TimeMerge.ts"

/** One ban of the simulated jail, with all that shows whether it is deserved. */
export interface SimulatedBan {
  readonly ban: ReplayedBan
  readonly host: HostFacts
  /** Why the host should not be banned, and what else is known about it; empty where nothing is known. */
  readonly roles: ReadonlyArray<string>
  /** Whether the ban should worry the administrator: the host is on the never-ban list, or pf also let it through. */
  readonly isWorrying: boolean
  /** Whether the host's bans depend on the time of fail2ban's clean-up, which runs now and then. */
  readonly dependsOnCleanUp: boolean
}

/** What a jail would have done with a log. Times are in whole seconds since 1970. */
export interface SimulationResult {
  readonly lines: number
  /** Lines that are packets of pf. */
  readonly entries: number
  /** Packets that the jail's filter matched, of hosts that it does not ignore. */
  readonly counted: number
  /** Packets that it matched, of hosts that it ignores. */
  readonly ignored: number
  /** Matched lines without a date in a known form; they are in no ban. */
  readonly undated: number
  /** Matched lines that name a host by its name, which fail2ban would look up; they are in no ban. */
  readonly named: number
  readonly hosts: number
  readonly first: number | undefined
  readonly last: number | undefined
  readonly bans: ReadonlyArray<SimulatedBan>
  readonly recidiveBans: ReadonlyArray<ReplayedBan>
  /** Hosts that are banned only if fail2ban forgets their old packets late. */
  readonly bannedIfLate: ReadonlyArray<string>
  readonly grid: ReadonlyArray<GridCell>
  /** Whom the scan detector would have told instead. */
  readonly scans: ScanComparisonResult
}

/** What to simulate. */
export interface SimulationRequest {
  readonly jail: JailSpec
  readonly openLoop: boolean
  readonly grid: boolean
  /** The scan detector's rules. */
  readonly scan: ScanRules
  readonly now: Date
}

/** What is known about addresses beyond the log. */
export interface KnownAddresses {
  /** Why a host must never be banned from here; empty where it may be. */
  readonly neverBan: (address: string) => ReadonlyArray<string>
  /** What else is known about an address, such as that it is private. */
  readonly kindOf: (address: string) => ReadonlyArray<string>
  /** Whether no scan of an address or network is told, since a host of the never-ban list would be hit. */
  readonly spares: (source: string) => boolean
}

/** Replays a jail over lines of logs. Memory grows with the hosts and their bans, not with the lines. */
export class Simulation {
  private readonly request: SimulationRequest
  private readonly hosts = new Hosts()
  private readonly ignoreList: IgnoreList
  /** Whether the jail ignores a host, by its number. */
  private readonly isIgnored: Array<boolean> = []
  private readonly merge = new TimeMerge((host, second) => this.replay(host, second))
  private engines: Engines | undefined
  private readonly scans: ScanComparison
  private readonly bans: Array<ReplayedBan> = []
  private readonly recidiveBans: Array<ReplayedBan> = []
  /** The bans of each host where it is never forgotten, to find those that depend on fail2ban's lazy clean-up. */
  private readonly unforgotten = new Map<number, string>()
  private counts = { lines: 0, entries: 0, counted: 0, ignored: 0, undated: 0, named: 0 }
  private first: number | undefined
  private last: number | undefined

  constructor(request: SimulationRequest) {
    this.request = request
    this.ignoreList = new IgnoreList(request.jail.ignoreip)
    this.scans = new ScanComparison(request.scan, request.grid)
  }

  /** Begins a log; `nextBegins` is the time of the first packet of the next one, in seconds. */
  begin(nextBegins: number): void {
    this.merge.begin(nextBegins)
  }

  /** Takes the next line, without its line feed, and what the jail's filter makes of it. */
  line(line: string, match: MatchResult): void {
    this.counts.lines += 1
    const entry = decodeLine(line)
    if (entry !== undefined) {
      this.counts.entries += 1
      if (entry.action === "pass") this.hosts.passed(entry)
      else this.scans.entry(entry)
    }
    if (match.type !== "match") return
    if (match.isName) {
      this.counts.named += 1
      return
    }
    const second = entry?.time === undefined ? lineTime(line, this.request.now) : Math.floor(entry.time / 1e6)
    if (second === undefined) {
      this.counts.undated += 1
      return
    }
    const host = this.hosts.numberOf(match.host)
    if (this.isIgnoredHost(host)) {
      this.counts.ignored += 1
      return
    }
    this.counts.counted += 1
    this.first = Math.min(second, this.first ?? second)
    this.last = Math.max(second, this.last ?? second)
    this.hosts.counted(host, second, entry)
    this.merge.add(host, second)
  }

  /** Ends the simulation after the last line. */
  finish({ neverBan, kindOf, spares }: KnownAddresses): SimulationResult {
    this.merge.end()
    this.engines?.batches.flush()
    const forgotten = bansByHost(this.bans)
    const bans = this.bans.map((ban): SimulatedBan => {
      const host = this.hosts.facts(ban.host)
      const reasons = neverBan(host.address)
      return {
        ban,
        host,
        roles: [...reasons, ...kindOf(host.address), ...(host.passed ? ["passed traffic"] : [])],
        isWorrying: reasons.length > 0 || host.passed,
        dependsOnCleanUp: forgotten.get(ban.host) !== this.unforgotten.get(ban.host)
      }
    })
    return {
      ...this.counts,
      hosts: this.hosts.count,
      first: this.first,
      last: this.last,
      bans: bans.sort(
        (left, right) => Number(right.isWorrying) - Number(left.isWorrying) || left.ban.at - right.ban.at
      ),
      recidiveBans: this.recidiveBans,
      bannedIfLate: [...this.unforgotten.keys()]
        .filter((host) => !forgotten.has(host))
        .map((host) => this.hosts.addressOf(host)),
      grid:
        this.engines?.grid?.finish({
          isWorrying: (host) => this.hosts.hasPassed(host) || neverBan(this.hosts.addressOf(host)).length > 0,
          lastSeen: (host) => this.hosts.lastSeen(host)
        }) ?? [],
      scans: this.scans.finish(
        bans.map(({ host }) => host.address),
        spares
      )
    }
  }

  private isIgnoredHost(host: number): boolean {
    const known = this.isIgnored[host]
    if (known !== undefined) return known
    const ignored = this.ignoreList.has(this.hosts.addressOf(host))
    this.isIgnored[host] = ignored
    return ignored
  }

  private replay(host: number, second: number): void {
    this.engines ??= this.start(second)
    this.engines.batches.add(host, second)
    this.engines.grid?.add(host, second)
  }

  /** The clock of fail2ban's database starts with the first packet. */
  private start(second: number): Engines {
    const { jail, openLoop, grid } = this.request
    const plain = { openLoop, neverForgets: false, start: second }
    const recidive = () =>
      jail.recidive === undefined
        ? undefined
        : new Replay(jail.recidive, { ...plain, recidive: undefined, onBan: (ban) => this.recidiveBans.push(ban) })
    const silent = () =>
      jail.recidive === undefined
        ? undefined
        : new Replay(jail.recidive, { ...plain, recidive: undefined, onBan: () => undefined })
    const main = new Replay(jail.rules, { ...plain, recidive: recidive(), onBan: (ban) => this.bans.push(ban) })
    const other = new Replay(jail.rules, {
      ...plain,
      neverForgets: true,
      recidive: silent(),
      onBan: ({ host, at }) => this.unforgotten.set(host, `${this.unforgotten.get(host) ?? ""} ${at}`)
    })
    return {
      batches: new HostBatches([main, other], jail.rules.maxretry),
      grid: grid ? new Grid(jail.rules, second, openLoop) : undefined
    }
  }
}

interface Engines {
  readonly batches: HostBatches
  readonly grid: Grid | undefined
}

const bansByHost = (bans: ReadonlyArray<ReplayedBan>): Map<number, string> => {
  const byHost = new Map<number, string>()
  for (const { host, at } of bans) byHost.set(host, `${byHost.get(host) ?? ""} ${at}`)
  return byHost
}
