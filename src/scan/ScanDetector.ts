import { randomBytes } from "node:crypto"
import type { EpochMicros, PfLogEntry } from "../decode/PfLogEntry.ts"
import { isProbe } from "../decode/Probe.ts"
import { PlainProbe } from "../decode/text/PlainProbe.ts"
import { TextEntry } from "../decode/text/TextEntry.ts"
import { type AddressWords, networkText, networkWord, readAddress, sourceText } from "./AddressWords.ts"
import { hash } from "./Hash.ts"
import { itemWords } from "./RecentSet.ts"
import { type Scan, type ScannedPort, summarize } from "./Scan.ts"
import { ScanTable } from "./ScanTable.ts"

/** What makes a scan, and how much is remembered. Times are in milliseconds. */
export interface ScanRules {
  /** So many different targets (protocol, port, address) of one source make a scan; 0 for no scans of single sources. */
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

/** Where the ports of the usual protocols begin in the number of a target. */
const [tcpPorts, udpPorts] = [0, 65_536]

/**
 * Finds scans among packets: sources, and networks if asked, that try many different targets within a short time. Memory is
 * bounded whatever comes (`ScanTable`). Of what it is given, only probes count.
 */
export class ScanDetector {
  private readonly rules: ScanRules
  private readonly onScan: (scan: Scan) => void
  private readonly seed: number
  private readonly bySource: ScanTable | undefined
  private readonly byNetwork: ScanTable | undefined
  private readonly companions: Array<ScanDetector> = []
  private readonly plain = new PlainProbe()
  private readonly words: AddressWords = new Int32Array(4)
  /** The names of protocols, by the number that they have in targets. */
  private protocols: Array<string> = ["tcp", "udp"]
  /** Whether the tables' clock was set; it shows `clockStart` and the milliseconds since `epoch`, in seconds since 1970. */
  private isSet = false
  private epoch = 0
  private clockStart = 0
  private now = 0

  /** @param seed a number of 32 bits that no sender knows: who does can have chosen sources forgotten */
  constructor(rules: ScanRules, onScan: (scan: Scan) => void, seed = randomBytes(4).readInt32LE()) {
    const { ports, networkPorts, hosts, within, remind } = rules
    const sources = Math.max(16, 2 ** Math.ceil(Math.log2(rules.sources)))
    this.rules = rules
    this.onScan = onScan
    this.seed = seed
    this.bySource =
      ports === 0 ? undefined : new ScanTable({ targets: ports, members: 0, within, remind, sources }, seed)
    this.byNetwork =
      hosts === 0 ? undefined : new ScanTable({ targets: networkPorts, members: hosts, within, remind, sources }, seed)
  }

  /** How many sources and networks were dropped to make room while they still counted. */
  get forgotten(): number {
    return (this.bySource?.forgotten ?? 0) + (this.byNetwork?.forgotten ?? 0)
  }

  /** Gives all that it takes to another one as well, which takes nothing else: so packets are read once for both. */
  share(companion: ScanDetector): void {
    companion.protocols = this.protocols
    this.companions.push(companion)
  }

  /**
   * Takes the next packet.
   *
   * @param readAt the time of an entry without one
   */
  entry(entry: PfLogEntry, readAt: EpochMicros): void {
    const reading = entry instanceof TextEntry ? this.plain.read(entry) : "unclear"
    if (reading === "no probe") return
    if (reading === "probe" && entry instanceof TextEntry && entry.fraction >= 0) this.plainProbe(entry)
    else if (isProbe(entry)) this.anyProbe(entry, readAt)
  }

  private plainProbe({ seconds, fraction }: TextEntry): void {
    const { source, destination, isIpv6, protocol, port } = this.plain
    const target = (protocol === "tcp" ? tcpPorts : udpPorts) + port
    if (isIpv6) this.probe(source[0] ?? 0, source[1] ?? 0, target, this.hashed(destination), seconds, fraction)
    else this.probe(0, source[3] ?? 0, target, destination[3] ?? 0, seconds, fraction)
  }

  private anyProbe(entry: PfLogEntry, readAt: EpochMicros): void {
    const { source, destination, protocol, time = readAt } = entry
    if (source === undefined || destination === undefined) return
    const { words } = this
    const address = readAddress(destination.address, words) ? this.hashed(words) : (words[3] ?? 0)
    const target = this.protocolNumber(protocol ?? "") * 65_536 + (destination.port ?? 0)
    const isIpv6 = readAddress(source.address, words)
    const high = isIpv6 ? (words[0] ?? 0) : 0
    const seconds = Math.floor(time / 1_000_000)
    const fraction = time - seconds * 1_000_000
    this.probe(high, words[isIpv6 ? 1 : 3] ?? 0, target, address, seconds, fraction)
  }

  /**
   * Takes a probe whose source is an IPv4 address (`high` is 0), or the /64 of an IPv6 address in two words. Its time is in two
   * whole numbers, which unlike one of microseconds need no object of their own.
   */
  private probe(high: number, low: number, port: number, address: number, seconds: number, fraction: number): void {
    const { bySource, byNetwork, companions } = this
    this.setClock(seconds, Math.trunc(fraction / 1000))
    if (bySource !== undefined) {
      const place = bySource.add(high, low, port, address, 0, this.now)
      if (place >= 0) this.tell(bySource, place, seconds * 1_000_000 + fraction, sourceText(high, low), undefined)
    }
    if (byNetwork !== undefined) {
      const network = networkWord(high, low)
      const place = byNetwork.add(high, network, port, address, hash(high, low, this.seed), this.now)
      if (place >= 0)
        this.tell(byNetwork, place, seconds * 1_000_000 + fraction, networkText(high, network), this.rules.hosts)
    }
    for (const companion of companions) companion.probe(high, low, port, address, seconds, fraction)
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
  private setClock(seconds: number, millis: number): void {
    const { within } = this.rules
    const now = (seconds - this.epoch) * 1000 + millis + this.clockStart
    if (!this.isSet || now < this.now - within || now > this.now + clockEnd) {
      this.restartClock(seconds, millis)
      return
    }
    if (now > this.now) this.now = now
    if (this.now >= clockEnd) this.setClockBack()
  }

  private restartClock(seconds: number, millis: number): void {
    this.isSet = true
    this.now = this.start
    this.epoch = seconds
    this.clockStart = this.start - millis
    this.bySource?.clear()
    this.byNetwork?.clear()
  }

  private setClockBack(): void {
    const by = this.now - this.start
    this.bySource?.shift(by)
    this.byNetwork?.shift(by)
    this.epoch += Math.trunc(by / 1000)
    this.clockStart -= by % 1000
    this.now = this.start
  }

  /** What the clock shows at first: more than any time that counts. */
  private get start(): number {
    const { within, remind } = this.rules
    return Math.max(within, remind) + 1
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
