import type { PfLogEntry } from "../../decode/PfLogEntry.ts"

/** What a log shows about one host beyond its bans. */
export interface HostFacts {
  readonly address: string
  /** Whether pf also passed packets of it. */
  readonly passed: boolean
  /**
   * Whether its address is proven: pf passed a packet of it that only a host that gets our answers can send (TCP with ACK and
   * without SYN). Without such a packet the sender may be anybody.
   */
  readonly proven: boolean
  /** How many different ports, counted by protocol, its packets that count went to. */
  readonly ports: number
  /** The protocols of its packets that count, in IANA's keywords. */
  readonly protocols: ReadonlyArray<string>
}

const passedFlag = 1
const provenFlag = 2

/** How many different protocols are distinguished; further ones count as the last. */
const mostProtocols = 30

/**
 * The hosts of a log, each under a small number. Memory: some 150 bytes for each host, and the ports that it tried. A host without
 * packets that count is kept only if pf passed packets of it.
 */
export class Hosts {
  private readonly numbers = new Map<string, number>()
  private readonly addresses: Array<string> = []
  private flags = new Uint8Array(1024)
  private protocolBits = new Uint32Array(1024)
  private lastSeconds = new Float64Array(1024)
  /** The ports of a host: nothing, the only one, or all of them. */
  private readonly ports: Array<number | Set<number> | undefined> = []
  private readonly protocols: Array<string> = []

  /** How many hosts there are. */
  get count(): number {
    return this.addresses.length
  }

  /** The number of a host; a new host gets the next number. */
  numberOf(address: string): number {
    const known = this.numbers.get(address)
    if (known !== undefined) return known
    const number = this.addresses.length
    this.numbers.set(address, number)
    this.addresses.push(address)
    this.ports.push(undefined)
    if (number >= this.flags.length) this.grow()
    return number
  }

  /** Takes a packet that pf passed. */
  passed(entry: PfLogEntry): void {
    const address = entry.source?.address
    if (address === undefined || entry.direction !== "in") return
    const host = this.numberOf(address)
    const flags = entry.tcpFlags ?? ""
    const proves = flags.includes(".") && !flags.includes("S") && !flags.includes("R")
    this.flags[host] = (this.flags[host] ?? 0) | passedFlag | (proves ? provenFlag : 0)
  }

  /** Takes a packet that counts; `entry` is nothing in a log of another program. */
  counted(host: number, second: number, entry: PfLogEntry | undefined): void {
    this.lastSeconds[host] = Math.max(second, this.lastSeconds[host] ?? 0)
    const protocol = entry?.protocol
    if (protocol === undefined) return
    const bit = this.protocolBit(protocol)
    this.protocolBits[host] = (this.protocolBits[host] ?? 0) | (1 << bit)
    const port = entry?.destination?.port
    if (port === undefined) return
    const key = bit * 65_536 + port
    const known = this.ports[host]
    if (known === undefined) this.ports[host] = key
    else if (typeof known !== "number") known.add(key)
    else if (known !== key) this.ports[host] = new Set([known, key])
  }

  addressOf(host: number): string {
    return this.addresses[host] ?? ""
  }

  /** The time of the host's last packet that counts, in seconds. */
  lastSeen(host: number): number {
    return this.lastSeconds[host] ?? 0
  }

  hasPassed(host: number): boolean {
    return ((this.flags[host] ?? 0) & passedFlag) !== 0
  }

  facts(host: number): HostFacts {
    const known = this.ports[host]
    const bits = this.protocolBits[host] ?? 0
    return {
      address: this.addressOf(host),
      passed: this.hasPassed(host),
      proven: ((this.flags[host] ?? 0) & provenFlag) !== 0,
      ports: known === undefined ? 0 : typeof known === "number" ? 1 : known.size,
      protocols: this.protocols.filter((_, bit) => (bits & (1 << bit)) !== 0)
    }
  }

  private protocolBit(protocol: string): number {
    const known = this.protocols.indexOf(protocol)
    if (known >= 0) return known
    if (this.protocols.length < mostProtocols) this.protocols.push(protocol)
    return this.protocols.length - 1
  }

  private grow(): void {
    const room = 2 * this.flags.length
    const flags = new Uint8Array(room)
    flags.set(this.flags)
    this.flags = flags
    const protocolBits = new Uint32Array(room)
    protocolBits.set(this.protocolBits)
    this.protocolBits = protocolBits
    const lastSeconds = new Float64Array(room)
    lastSeconds.set(this.lastSeconds)
    this.lastSeconds = lastSeconds
  }
}
