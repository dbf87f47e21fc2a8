import type { Replay } from "./Replay.ts"

/** How many packets are gathered before they are replayed: 12 bytes each, twice. */
const batchSize = 1 << 20

/** The most packets of a host that are kept before it gets a state in every replay. */
const mostKept = 3

/**
 * Hands packets on to several replays, host by host: a replay needs a tenth of the time where it gets the packets of one host after
 * another, rather than jumping from host to host.
 *
 * Memory: 24 MiB, and up to 17 bytes for each host that has sent no more than three packets; only the others get a state in
 * each replay. So a flood of forged sources costs next to nothing, however many replays there are.
 */
export class HostBatches {
  private readonly replays: ReadonlyArray<Replay>
  /** How many packets of a host are kept: so many cannot lead to a ban in any of the replays. */
  private readonly kept: number
  private readonly hosts = new Uint32Array(batchSize)
  private readonly seconds = new Float64Array(batchSize)
  private readonly sorted = new Float64Array(batchSize)
  private count = 0
  /** By host: how many packets are in this batch, how many are kept from earlier ones, or `hasState`. */
  private inBatch = new Uint32Array(1024)
  private earlier = new Uint8Array(1024)
  private keptSeconds = new Float64Array(0)

  /** @param lowestMaxretry the lowest `maxretry` of the replays */
  constructor(replays: ReadonlyArray<Replay>, lowestMaxretry: number) {
    this.replays = replays
    this.kept = Math.max(0, Math.min(mostKept, lowestMaxretry - 1))
    this.keptSeconds = new Float64Array(1024 * this.kept)
  }

  /**
   * Takes a packet, in the order of the log.
   *
   * @param host a small number that stands for the source
   * @param second the time of the packet, in whole seconds since 1970
   */
  add(host: number, second: number): void {
    if (this.count === batchSize) this.flush()
    if (host >= this.inBatch.length) this.grow(host)
    this.hosts[this.count] = host
    this.seconds[this.count] = second
    this.inBatch[host] = (this.inBatch[host] ?? 0) + 1
    this.count += 1
  }

  /** Replays all packets taken so far. */
  flush(): void {
    const touched: Array<number> = []
    const ends = this.inBatch
    // A stable counting sort: first the places where each host's packets end, then the packets, from the last to the first.
    const starts: Array<number> = []
    let at = 0
    for (let index = 0; index < this.count; index++) {
      const host = this.hosts[index] ?? 0
      const packets = ends[host] ?? 0
      if (packets === 0 || isMarked(packets)) continue
      touched.push(host)
      starts.push(at)
      at += packets
      ends[host] = (mark | at) >>> 0
    }
    for (let index = this.count - 1; index >= 0; index--) {
      const host = this.hosts[index] ?? 0
      const end = (ends[host] ?? 0) - 1
      ends[host] = end
      this.sorted[unmarked(end)] = this.seconds[index] ?? 0
    }
    for (const [index, host] of touched.entries()) {
      this.replayHost(host, starts[index] ?? 0, starts[index + 1] ?? this.count)
      ends[host] = 0
    }
    this.count = 0
  }

  private replayHost(host: number, from: number, to: number): void {
    const earlier = this.earlier[host] ?? 0
    if (earlier === hasState) {
      for (const replay of this.replays) replay.packets(host, this.sorted, from, to)
      return
    }
    const keptAt = host * this.kept
    if (earlier + to - from <= this.kept) {
      this.keptSeconds.set(this.sorted.subarray(from, to), keptAt + earlier)
      this.earlier[host] = earlier + to - from
      return
    }
    this.earlier[host] = hasState
    for (const replay of this.replays) {
      replay.packets(host, this.keptSeconds, keptAt, keptAt + earlier)
      replay.packets(host, this.sorted, from, to)
    }
  }

  private grow(host: number): void {
    const room = Math.max(host + 1, 2 * this.inBatch.length)
    const inBatch = new Uint32Array(room)
    inBatch.set(this.inBatch)
    this.inBatch = inBatch
    const earlier = new Uint8Array(room)
    earlier.set(this.earlier)
    this.earlier = earlier
    const keptSeconds = new Float64Array(room * this.kept)
    keptSeconds.set(this.keptSeconds)
    this.keptSeconds = keptSeconds
  }
}

/** Stands in place of a number of kept packets. */
const hasState = 255

/** Marks a place in the sorted packets, to distinguish it from a number of packets; a batch is far smaller than this. */
const mark = 0x8000_0000

const isMarked = (value: number): boolean => value >= mark

const unmarked = (value: number): number => value & 0x7fff_ffff
