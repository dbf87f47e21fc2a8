import type { Records } from "./RecordSplitter.ts"

/** How many bits of an address's hash are looked at: far more than the addresses that are counted, so that few fall together. */
const slots = 1 << 18

/**
 * The addresses that a printer has been given, to know when it has had enough of them: tcpdump keeps each for ever. Two that fall
 * together count as one, which a few in a hundred do.
 *
 * Memory: 32 KiB.
 */
export class AddressSet {
  readonly #seen = new Int32Array(slots / 32)
  /** How many different addresses there are. */
  size = 0

  /** Takes the addresses of the record whose packet begins at `at`, behind pcap's header. */
  addRecord({ bytes }: Records, at: number, end: number): void {
    // pflog(4)'s header tells its length in its first byte; the IP packet follows at the next multiple of four.
    const ip = at + (((bytes[at] ?? 0) + 3) & ~3)
    const version = (bytes[ip] ?? 0) >> 4
    if (version === 4 && ip + 20 <= end) {
      this.#add(bytes.readInt32LE(ip + 12))
      this.#add(bytes.readInt32LE(ip + 16))
    } else if (version === 6 && ip + 40 <= end) {
      this.#add(hashOf(bytes, ip + 8))
      this.#add(hashOf(bytes, ip + 24))
    } else {
      // Whatever tcpdump finds there, it is an address more at the worst.
      this.size += 1
    }
  }

  /** Forgets all. */
  clear(): void {
    if (this.size > 0) this.#seen.fill(0)
    this.size = 0
  }

  #add(address: number): void {
    const hash = Math.imul(address ^ (address >>> 15), 0x9e37_79b1)
    const slot = (hash ^ (hash >>> 13)) & (slots - 1)
    const bit = 1 << (slot & 31)
    const word = this.#seen[slot >> 5] ?? 0
    if ((word & bit) !== 0) return
    this.#seen[slot >> 5] = word | bit
    this.size += 1
  }
}

const hashOf = (bytes: Buffer, at: number): number => {
  let hash = 0
  for (let offset = 0; offset < 16; offset += 4) hash = Math.imul(hash ^ bytes.readInt32LE(at + offset), 0x85eb_ca6b)
  return hash
}
