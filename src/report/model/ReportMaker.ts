import type { PfLogEntry } from "../../decode/PfLogEntry.ts"
import { isProbe } from "../../decode/Probe.ts"
import { decodeLine } from "../../decode/text/TextDecoder.ts"
import type { MatchResult } from "../../fail2ban/match/Matcher.ts"
import type { JailSpec } from "../../fail2ban/replay/JailSpec.ts"
import { lineTime } from "../../fail2ban/replay/LineTime.ts"
import type { NeverBanList } from "../../host/neverban/NeverBanList.ts"
import { BanLog } from "./BanLog.ts"
import { Bans } from "./Bans.ts"
import { Did, DistinctCount, fingerprint } from "./DistinctCount.ts"
import type { Geo } from "./Geo.ts"
import { NeverBanSeen } from "./NeverBanSeen.ts"
import { Ports } from "./Ports.ts"
import type { Report } from "./Report.ts"
import { banFacts, sensorFacts } from "./ReportParts.ts"
import { Rules } from "./Rules.ts"
import type { RuleTexts } from "./RuleTexts.ts"
import { Sensor } from "./Sensor.ts"
import { findSignatures } from "./Signatures.ts"
import { Silences } from "./Silences.ts"
import { sourceFacts } from "./SourceRows.ts"
import { Sources } from "./Sources.ts"
import { TimeSteps } from "./TimeSteps.ts"
import { visible } from "./Visible.ts"
import { WeekHours } from "./WeekHours.ts"

/** What is asked of a report. */
export interface ReportRequest {
  readonly jail: JailSpec
  /** Whether the jail's filter is the shipped one, which counts probes; another one's results come with the lines. */
  readonly countsProbes: boolean
  readonly since: number | undefined
  readonly until: number | undefined
  readonly now: Date
  /** Makes the tables of fingerprints differ from run to run. */
  readonly seed: number
  readonly neverBan: NeverBanList
}

/** What is known of the host beside its logs. */
export interface Surroundings {
  readonly geo: Geo
  /** Names of ports by `tcp/22`. */
  readonly services: ReadonlyMap<string, string>
  readonly rules: RuleTexts | undefined
  /** Where fail2ban's log was read. */
  readonly banLogFile: string | undefined
  readonly partial: ReadonlyArray<string>
}

/** Up to so many different sources are counted exactly, 18 bytes each. */
const mostDistinct = 1_000_000

/** How many rows a list has: more are no overview, and would make the page large. */
const most = { sources: 50, ports: 40, rules: 40, bans: 60, realBans: 20, neverBan: 40, signatures: 10 }

/** Makes a report of the lines of logs. Memory does not grow with the lines, nor with the sources. */
export class ReportMaker {
  private readonly request: ReportRequest
  private readonly sensor = new Sensor()
  private readonly silences = new Silences()
  private readonly timeline = new TimeSteps()
  private readonly week = new WeekHours()
  private readonly distinct = new DistinctCount(mostDistinct)
  private readonly neverBan: NeverBanSeen
  private readonly sources: Sources
  private readonly ports = new Ports()
  private readonly rules = new Rules()
  private readonly bans: Bans
  /** Takes the lines of fail2ban's own log. */
  readonly banLog: BanLog
  private readonly span = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY }
  private elsewhere = 0

  constructor(request: ReportRequest) {
    this.request = request
    this.neverBan = new NeverBanSeen(request.neverBan)
    this.sources = new Sources((address) => this.neverBan.has(address))
    this.bans = new Bans(request.jail, (second) => this.timeline.ban(second))
    this.banLog = new BanLog(request.jail.name, request.now, (second) => this.covers(second))
  }

  /** A log begins; `nextBegins` is when the first packet of the next one came, in seconds. */
  begin(nextBegins: number): void {
    this.bans.begin(nextBegins)
  }

  /**
   * Takes the next line, without its line feed, one character a byte (latin1).
   *
   * @param match what the jail's filter makes of it, where that is not the shipped one
   */
  line(line: string, match?: MatchResult): void {
    this.sensor.counts.lines += 1
    const entry = decodeLine(line)
    if (entry === undefined) this.sensor.other(line, (second) => this.covers(second))
    const second = entry?.time === undefined ? undefined : Math.floor(entry.time / 1e6)
    if (entry !== undefined && !this.covers(second)) {
      this.sensor.counts.outside += 1
      return
    }
    if (entry !== undefined) this.packet(entry, second)
    if (match?.type === "match" && !match.isName) this.matched(match.host, line, second)
  }

  /** Whether a time is of the period; what has no time is in any. */
  private covers(second: number | undefined): boolean {
    const { since, until } = this.request
    if (second === undefined) return true
    return (since === undefined || second >= since) && (until === undefined || second < until)
  }

  private packet(entry: PfLogEntry, second: number | undefined): void {
    const { sensor, span } = this
    sensor.packet(entry)
    this.rules.add(entry)
    const isBlocked = entry.action === "block"
    if (isBlocked) sensor.counts.blocked += 1
    if (second === undefined) sensor.counts.undated += 1
    else {
      span.first = Math.min(span.first, second)
      span.last = Math.max(span.last, second)
      this.silences.add(second)
      if (isBlocked) {
        this.timeline.blocked(second)
        this.week.add(second)
      }
    }
    const probe = isProbe(entry)
    if (probe) sensor.counts.probes += 1
    const address = entry.source?.address
    if (address === undefined) {
      if (isBlocked) this.elsewhere += 1
      return
    }
    const number = fingerprint(address, this.request.seed)
    this.distinct.add(number, Did.anything)
    this.neverBan.add(address, isBlocked)
    if (probe && second !== undefined && this.request.countsProbes) this.bans.add(address, number, second)
    if (!isBlocked) {
      if (entry.action === "pass" && entry.direction === "in") this.distinct.add(number, Did.passed)
    } else if (entry.direction === "out") this.elsewhere += 1
    else {
      this.distinct.add(number, Did.blocked)
      const port = this.ports.add(entry.protocol, entry.destination?.port)
      this.sources.add(address, entry, port, second, probe)
    }
  }

  /** Hands a host that another filter than the shipped one has found on to the replay. */
  private matched(host: string, line: string, second: number | undefined): void {
    const time = second ?? lineTime(line, this.request.now)
    if (time !== undefined && this.covers(time)) this.bans.add(host, fingerprint(host, this.request.seed), time)
  }

  /** All lines are there. */
  finish({ geo, services, rules, banLogFile, partial }: Surroundings): Report {
    this.bans.end()
    const { request, sources, sensor } = this
    const byHost = this.bans.byHost()
    const bansOf = (address: string) => byHost.get(address) ?? 0
    const real = banLogFile === undefined ? undefined : this.banLog.finish(visible(banLogFile), most.realBans)
    const { first, last } = this.span
    return {
      made: Math.floor(request.now.getTime() / 1000),
      period: {
        since: request.since,
        until: request.until,
        first: Number.isFinite(first) ? first : undefined,
        last: Number.isFinite(last) ? last : undefined
      },
      sensor: sensorFacts(sensor, this.silences.finish(), this.distinct.amountOf(Did.anything), partial),
      timeline: this.timeline.finish(),
      week: this.week.finish(),
      sources: sourceFacts(sources, {
        geo,
        bansOf,
        realBansOf: (address) => (real === undefined ? 0 : this.banLog.bansOf(address)),
        serviceOf: (port) => services.get(port) ?? port,
        protocols: this.ports.protocols,
        distinct: this.distinct.amountOf(Did.blocked),
        elsewhere: this.elsewhere,
        most: most.sources
      }),
      ports: this.ports.finish((port) => services.get(port), most.ports),
      signatures: findSignatures(sources.table.ranked(), {
        isBanned: (address) => byHost.has(address),
        protocols: this.ports.protocols,
        most: most.signatures
      }),
      rules: this.rules.finish(rules, most.rules),
      bans: banFacts(this.bans, {
        neverBan: (address) => this.neverBan.reasonsOf(address),
        hasPassed: (address) => this.distinct.has(fingerprint(address, request.seed), Did.passed),
        hosts: byHost.size,
        real,
        most: most.bans
      }),
      neverBan: this.neverBan.finish(bansOf, most.neverBan)
    }
  }
}
