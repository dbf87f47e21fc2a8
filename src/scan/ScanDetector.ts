import { randomBytes } from "node:crypto"
import type { EpochMicros, PfLogEntry } from "../decode/PfLogEntry.ts"
import { isProbe } from "../decode/Probe.ts"
import { networkAround, parseAddress } from "../host/neverban/Network.ts"
import { type AddressWords, readAddress } from "./AddressWords.ts"
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

/** The source of an IPv6 scan is the whole network that a customer gets: addresses within it are theirs to choose. */
const ipv6Source = 64
/** What counts as one network. */
const ipv4Network = 24
const ipv6Network = 48

/** Where the detector's own clock is set back, in milliseconds: 24 days. */
const clockEnd = 2 ** 31

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
  private readonly source: AddressWords = new Uint32Array(4)
  private readonly destination: AddressWords = new Uint32Array(4)
  private readonly protocols: Array<string> = []
  /** The moment, in milliseconds since 1970, that the tables' clock counts from; and what it shows. */
  private epoch = Number.NaN
  private now = 0

  /** @param seed a number of 32 bits that no sender knows: who does can have chosen sources forgotten */
  constructor(rules: ScanRules, onScan: (scan: Scan) => void, seed = randomBytes(4).readUInt32LE()) {
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
    if (!isProbe(entry)) return
    const { source, destination } = entry
    if (source === undefined || destination === undefined) return
    const time = entry.time ?? readAt
    this.setClock(Math.floor(time / 1000))
    const isIpv6 = readAddress(source.address, this.source)
    const address = readAddress(destination.address, this.destination)
      ? this.hashed(this.destination)
      : this.destination[3]
    const port = this.protocolNumber(entry.protocol ?? "") * 65_536 + (destination.port ?? 0)
    this.probe(isIpv6, port, address ?? 0, time, source.address)
  }

  private probe(isIpv6: boolean, port: number, address: number, time: EpochMicros, text: string): void {
    const { bySource, byNetwork, now } = this
    const [first = 0, second = 0, , last = 0] = this.source
    const high = isIpv6 ? first : 0
    const low = isIpv6 ? second : last
    const place = bySource.add(high, low, port, address, 0, now)
    if (place >= 0) this.tell(bySource, place, time, isIpv6 ? networkOf(text, ipv6Source) : text, undefined)
    if (byNetwork === undefined) return
    const network = isIpv6 ? second & 0xffff_0000 : last & 0xffff_ff00
    const member = hash(high, low, this.seed)
    const networkPlace = byNetwork.add(high, network >>> 0, port, address, member, now)
    if (networkPlace < 0) return
    this.tell(byNetwork, networkPlace, time, networkOf(text, isIpv6 ? ipv6Network : ipv4Network), this.rules.hosts)
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
    this.onScan(summarize(source, time, hosts, [...ports.values()], addresses.size, (this.now - begin) / 1000))
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
    const [first = 0, second = 0, third = 0, fourth = 0] = words
    return hash(hash(first, second, this.seed), hash(third, fourth, this.seed), this.seed)
  }

  /** IP has 256 protocols; the text of what is none of them has no place in here. */
  private protocolNumber(protocol: string): number {
    const known = this.protocols.indexOf(protocol)
    if (known >= 0) return known
    return this.protocols.length < 256 ? this.protocols.push(protocol) - 1 : 255
  }
}

const networkOf = (address: string, bits: number): string => {
  const parsed = parseAddress(address)
  return parsed === undefined ? address : networkAround(parsed, bits).text
}
