/** How many bits of an address's hash are looked at: some times the addresses that are counted, so that few fall together. */
const slots = 1 << 18

/** tcpdump's `HASHNAMESIZE` (addrtoname.c). */
const chains = 4096

/**
 * So heavy a table is as dear as a new tcpdump: on the way there it has taken 4 million steps along its chains, of about a
 * nanosecond each. Measured on 600,000 neighbours, of which a batch then makes three parts: 3.69 s of CPU, 3.74 with 2,048 and four
 * parts, 3.94 with 4,096 and two.
 */
const mostLoad = 2800

/** Addresses from everywhere weigh little, but each takes a printer some 100 bytes, for ever. */
const mostAddresses = 65_536

/**
 * What a printer's table of names holds, to know when it has had enough. tcpdump keeps each address for ever, in one of 4,096
 * chains by 12 of its bits (the first ones of an IPv4 address, the last ones of an IPv6 address), and walks along that chain for
 * each packet. So 2,800 neighbours cost it as much as 180,000 addresses from everywhere.
 *
 * Two addresses that fall together count as one, which up to one in eight do. Memory: 48 KiB.
 */
export class NameTable {
  readonly #seen = new Int32Array(slots / 32)
  /** How many addresses each chain holds: those of IPv4, then those of IPv6. */
  readonly #lengths = new Uint16Array(2 * chains)
  #squares = 0
  #size = 0
  /** The destination that came last, which is the same for most of a flood. */
  #destination = 0

  /** How many different addresses there are. */
  get size(): number {
    return this.#size
  }

  /**
   * What the chains weigh: the root of the sum of their squared lengths, which is the length of a single chain on which new
   * addresses would have cost as much.
   */
  get load(): number {
    return Math.sqrt(this.#squares)
  }

  /** Whether the printer is to be given no more. */
  get isFull(): boolean {
    return this.#squares >= mostLoad * mostLoad || this.#size >= mostAddresses
  }

  /** Whether the printer can take several times as much. */
  get isLight(): boolean {
    return this.load < 0.25 * mostLoad && this.#size < 0.25 * mostAddresses
  }

  /** Whether it is not worth while to give the printer more. */
  get isNearlyFull(): boolean {
    return this.load >= 0.75 * mostLoad || this.#size >= 0.75 * mostAddresses
  }

  /** Forgets all. */
  clear(): void {
    this.#seen.fill(0)
    this.#lengths.fill(0)
    this.#squares = 0
    this.#size = 0
    this.#destination = 0
  }

  /** Takes the addresses of the record whose packet begins at `at`, behind pcap's header. */
  addRecord(bytes: Buffer, at: number, end: number): void {
    // pflog(4)'s header tells its length in its first byte; the IP packet follows at the next multiple of four.
    const ip = at + (((bytes[at] ?? 0) + 3) & ~3)
    const version = (bytes[ip] ?? 0) >> 4
    if (version === 4 && ip + 20 <= end) {
      this.#add(bytes.readInt32LE(ip + 12), chainOf(bytes, ip + 12))
      const destination = bytes.readInt32LE(ip + 16)
      if (destination === this.#destination) return
      this.#destination = destination
      this.#add(destination, chainOf(bytes, ip + 16))
    } else if (version === 6 && ip + 40 <= end) {
      this.#add(hashOf(bytes, ip + 8), chains + chainOf(bytes, ip + 22))
      this.#add(hashOf(bytes, ip + 24), chains + chainOf(bytes, ip + 38))
    } else {
      // Whatever tcpdump finds there, it is an address more, in the chain where it weighs most, at the worst.
      this.#count(0)
    }
  }

  #add(address: number, chain: number): void {
    const hash = Math.imul(address ^ (address >>> 15), 0x9e37_79b1)
    const slot = (hash ^ (hash >>> 13)) & (slots - 1)
    const bit = 1 << (slot & 31)
    const word = this.#seen[slot >> 5] ?? 0
    if ((word & bit) !== 0) return
    this.#seen[slot >> 5] = word | bit
    this.#count(chain)
  }

  #count(chain: number): void {
    const length = this.#lengths[chain] ?? 0
    this.#lengths[chain] = length + 1
    this.#squares += 2 * length + 1
    this.#size += 1
  }
}

/** The chain by the two bytes at `at`, as a little-endian processor reads them; on others the chains are as good or better. */
const chainOf = (bytes: Buffer, at: number): number => (bytes[at] ?? 0) | (((bytes[at + 1] ?? 0) & 0x0f) << 8)

const hashOf = (bytes: Buffer, at: number): number => {
  let hash = 0
  for (let offset = 0; offset < 16; offset += 4) hash = Math.imul(hash ^ bytes.readInt32LE(at + offset), 0x85eb_ca6b)
  return hash
}
