import { randomBytes } from "node:crypto"
import type { EpochMicros, PfLogEntry } from "../decode/PfLogEntry.ts"
import { isProbe } from "../decode/Probe.ts"
import { PlainSyn } from "../decode/text/PlainSyn.ts"
import { TextEntry } from "../decode/text/TextEntry.ts"
import { type AddressWords, networkText, networkWord, readAddress, sourceText } from "./AddressWords.ts"
import { hash } from "./Hash.ts"
import { itemWords } from "./RecentSet.ts"
import { type Scan, type ScannedPort, summarize } from "./Scan.ts"
import { ScanTable } from "./ScanTable.ts"

/** What makes a scan, and how much is remembered. Times are in milliseconds. */
export interface ScanRules {
  /** So many different targets (protocol, port, address) of one source make a scan. */
  readonly ports: number
  readonly within: number
  /** How long the same source is not told again. */
  readonly remind: number
  /** How many sources that build up a scan are kept; rounded up to a power of two. */
  readonly sources: number
  /** So many different sources of one network must take part in its scan; 0 for no scans of networks. */
  readonly hosts: number
  /** So many different targets of one network make a scan. */
  readonly networkPorts: number
}

/** Where the detector's own clock is set back, in milliseconds: 12 days. */
const clockEnd = 2 ** 30

/**
 * Finds scans among packets: sources, and networks if asked, that try many different targets within a short time. Memory is
 * bounded whatever comes (`ScanTable`). Of what it is given, only probes count.
 */
export class ScanDetector {
  private readonly rules: ScanRules
  private readonly onScan: (scan: Scan) => void
  private readonly seed: number
  private readonly bySource: ScanTable
  private readonly byNetwork: ScanTable | undefined
  private readonly syn = new PlainSyn()
  private readonly words: AddressWords = new Int32Array(4)
  private readonly protocols: Array<string> = ["tcp"]
  /** The moment, in milliseconds since 1970, that the tables' clock counts from; and what it shows. */
  private epoch = Number.NaN
  private now = 0

  /** @param seed a number of 32 bits that no sender knows: who does can have chosen sources forgotten */
  constructor(rules: ScanRules, onScan: (scan: Scan) => void, seed = randomBytes(4).readInt32LE()) {
    const { ports, networkPorts, hosts, within, remind } = rules
    const sources = Math.max(16, 2 ** Math.ceil(Math.log2(rules.sources)))
    this.rules = rules
    this.onScan = onScan
    this.seed = seed
    this.bySource = new ScanTable({ targets: ports, members: 0, within, remind, sources }, seed)
    this.byNetwork =
      hosts === 0 ? undefined : new ScanTable({ targets: networkPorts, members: hosts, within, remind, sources }, seed)
  }

  /** How many sources and networks were dropped to make room while they still counted. */
  get forgotten(): number {
    return this.bySource.forgotten + (this.byNetwork?.forgotten ?? 0)
  }

  /**
   * Takes the next packet.
   *
   * @param readAt the time of an entry without one
   */
  entry(entry: PfLogEntry, readAt: EpochMicros): void {
    const { syn } = this
    if (entry instanceof TextEntry && syn.read(entry)) {
      const { seconds, fraction } = entry
      this.probe(fraction < 0 ? readAt : seconds * 1_000_000 + fraction, 0, syn.source, syn.port, syn.destination)
    } else if (isProbe(entry)) {
      this.anyProbe(entry, readAt)
    }
  }

  private anyProbe(entry: PfLogEntry, readAt: EpochMicros): void {
    const { source, destination, protocol, time } = entry
    if (source === undefined || destination === undefined) return
    const { words } = this
    const address = readAddress(destination.address, words) ? this.hashed(words) : (words[3] ?? 0)
    const port = this.protocolNumber(protocol ?? "") * 65_536 + (destination.port ?? 0)
    const isIpv6 = readAddress(source.address, words)
    const high = isIpv6 ? (words[0] ?? 0) : 0
    this.probe(time ?? readAt, high, words[isIpv6 ? 1 : 3] ?? 0, port, address)
  }

  /** Takes a probe whose source is an IPv4 address (`high` is 0), or the /64 of an IPv6 address in two words. */
  private probe(time: EpochMicros, high: number, low: number, port: number, address: number): void {
    const { bySource, byNetwork } = this
    this.setClock(Math.floor(time / 1000))
    const place = bySource.add(high, low, port, address, 0, this.now)
    if (place >= 0) this.tell(bySource, place, time, sourceText(high, low), undefined)
    if (byNetwork === undefined) return
    const network = networkWord(high, low)
    const networkPlace = byNetwork.add(high, network, port, address, hash(high, low, this.seed), this.now)
    if (networkPlace >= 0) this.tell(byNetwork, networkPlace, time, networkText(high, network), this.rules.hosts)
  }

  private tell(table: ScanTable, place: number, time: EpochMicros, source: string, hosts: number | undefined): void {
    const targets = table.targetsAt(place)
    const ports = new Map<number, ScannedPort>()
    const addresses = new Set<number>()
    let begin = this.now
    for (let item = 0; item < targets.length; item += itemWords) {
      const [port = 0, address = 0, seen = 0] = targets.subarray(item, item + itemWords)
      ports.set(port, { protocol: this.protocols[Math.floor(port / 65_536)] ?? "", port: port % 65_536 })
      addresses.add(address)
      begin = Math.min(begin, seen)
    }
    const seconds = (this.now - begin) / 1000
    this.onScan(summarize(source, time, hosts, [...ports.values()], addresses.size, seconds))
  }

  /** Time does not go back by small steps; a large one means that the clock was set, and what was known is void. */
  private setClock(time: number): void {
    const { within, remind } = this.rules
    const start = Math.max(within, remind) + 1
    if (Number.isNaN(this.epoch)) this.epoch = time - start
    const now = time - this.epoch
    if (now < this.now - within || now > this.now + clockEnd) {
      this.epoch = time - start
      this.now = start
      this.bySource.clear()
      this.byNetwork?.clear()
      return
    }
    this.now = Math.max(this.now, now)
    if (this.now < clockEnd) return
    const by = this.now - start
    this.bySource.shift(by)
    this.byNetwork?.shift(by)
    this.epoch += by
    this.now = start
  }

  private hashed(words: AddressWords): number {
    const { seed } = this
    const front = hash(words[0] ?? 0, words[1] ?? 0, seed)
    return hash(front, hash(words[2] ?? 0, words[3] ?? 0, seed), seed)
  }

  /** IP has 256 protocols; the text of what is none of them has no place in here. */
  private protocolNumber(protocol: string): number {
    const known = this.protocols.indexOf(protocol)
    if (known >= 0) return known
    return this.protocols.length < 256 ? this.protocols.push(protocol) - 1 : 255
  }
}
