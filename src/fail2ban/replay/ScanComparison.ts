import type { PfLogEntry } from "../../decode/PfLogEntry.ts"
import { readAddress, sourceText } from "../../scan/AddressWords.ts"
import type { Scan } from "../../scan/Scan.ts"
import { ScanDetector, type ScanRules } from "../../scan/ScanDetector.ts"

/** The sources that one choice of the scan detector's rules would have told. */
export interface ToldSources {
  /** So many different targets make a scan. */
  readonly ports: number
  /** By so many different hosts of one network; 0 where sources are told, not networks. */
  readonly hosts: number
  /** IPv4 addresses and networks, in the order in which they were told. */
  readonly sources: ReadonlyArray<string>
  /** How many more were found that are on the never-ban list, or have a host of it; these are not told. */
  readonly spared: number
}

/** Who would be banned by packets, by ports and by networks. */
export interface ScanComparisonResult {
  /** Within how many seconds targets are counted. */
  readonly within: number
  readonly byPorts: ToldSources
  readonly byNetworks: ToldSources
  /** How many sources (IPv6 by /64) are banned by packets as well as by ports, and by one of the two only. */
  readonly inBoth: number
  readonly byPacketsOnly: number
  readonly byPortsOnly: number
  /** Other choices, where they were asked for. */
  readonly rows: ReadonlyArray<ToldSources>
}

/** The choices that a grid tries: N distinct targets of a source, and N hosts of a network. */
const triedPorts: ReadonlyArray<number> = [3, 5, 8, 12, 20, 50]
const triedHosts: ReadonlyArray<number> = [3, 5, 10, 20]

/** How many hosts of a network take part where the configuration looks at no networks. */
const usualHosts = 8

/** Runs the detector of `run` over the packets of a simulation, with the rules of the configuration, and with others. */
export class ScanComparison {
  private readonly rules: ScanRules
  private readonly configured: Trial
  /** What was asked for besides, row by row. */
  private readonly rows: ReadonlyArray<Row>

  /** @param grid whether other choices are tried as well */
  constructor(rules: ScanRules, grid: boolean) {
    this.rules = rules
    const hosts = rules.hosts === 0 ? usualHosts : rules.hosts
    this.configured = new Trial({ ...rules, hosts })
    this.rows = grid
      ? [
          ...triedPorts.map((ports) => this.row("source", { ...rules, ports, hosts: 0 }, ports === rules.ports)),
          ...triedHosts.map((tried) => this.row("network", { ...rules, ports: 0, hosts: tried }, tried === hosts))
        ]
      : []
  }

  private row(kind: Kind, rules: ScanRules, isConfigured: boolean): Row {
    if (isConfigured) return { kind, trial: this.configured }
    const trial = new Trial(rules)
    this.configured.detector.share(trial.detector)
    return { kind, trial }
  }

  /** Takes a packet of pf, in the order of the log; one without a time is left out. */
  entry(entry: PfLogEntry): void {
    if (entry.time !== undefined) this.configured.detector.entry(entry, entry.time)
  }

  /**
   * All packets are there.
   *
   * @param banned the addresses that the jail has banned by packets
   * @param spares whether the source of a scan is never told, since a host of the never-ban list would be hit
   */
  finish(banned: ReadonlyArray<string>, spares: (source: string) => boolean): ScanComparisonResult {
    const byPorts = this.configured.told("source", spares)
    const byPackets = new Set(banned.map(sourceOf))
    const told = new Set(byPorts.sources)
    const inBoth = [...told].filter((source) => byPackets.has(source)).length
    return {
      within: this.rules.within / 1000,
      byPorts,
      byNetworks: this.configured.told("network", spares),
      inBoth,
      byPacketsOnly: byPackets.size - inBoth,
      byPortsOnly: told.size - inBoth,
      rows: this.rows.map(({ kind, trial }) => trial.told(kind, spares))
    }
  }
}

/** Whether a row is of single sources, or of networks. */
type Kind = "source" | "network"

interface Row {
  readonly kind: Kind
  readonly trial: Trial
}

/** One choice of rules at work. */
class Trial {
  readonly rules: ScanRules
  readonly detector: ScanDetector
  private readonly found = { source: new Set<string>(), network: new Set<string>() }

  constructor(rules: ScanRules) {
    this.rules = rules
    this.detector = new ScanDetector(rules, ({ source, hosts }: Scan) => {
      this.found[hosts === undefined ? "source" : "network"].add(source)
    })
  }

  told(kind: Kind, spares: (source: string) => boolean): ToldSources {
    const all = [...this.found[kind]]
    const sources = all.filter((source) => !spares(source))
    const { ports, networkPorts, hosts } = this.rules
    const isNetwork = kind === "network"
    return {
      ports: isNetwork ? networkPorts : ports,
      hosts: isNetwork ? hosts : 0,
      sources,
      spared: all.length - sources.length
    }
  }
}

/** The source as the detector counts it that a banned address belongs to. */
const sourceOf = (address: string): string => {
  const words = new Int32Array(4)
  const isIpv6 = readAddress(address, words)
  return isIpv6 ? sourceText(words[0] ?? 0, words[1] ?? 0) : sourceText(0, words[3] ?? 0)
}
