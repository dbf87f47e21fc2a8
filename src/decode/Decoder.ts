import * as Data from "effect/Data"
import type { Lent } from "./Lent.ts"
import type { PfLogEntry } from "./PfLogEntry.ts"

/** Where a decoder puts what it finds, in the order of the capture. */
export interface DecodedSink<Entry extends PfLogEntry = PfLogEntry> {
  /** Takes one packet that pf logged. */
  readonly entry: (entry: Lent<Entry>) => void
  /**
   * Takes a line that is not an entry (a continuation, an unknown form), without its line end, one character a byte (latin1).
   * It is logged as a notice of tcpdump's.
   */
  readonly other: (line: string) => void
  /** Takes a warning of ours about the capture. */
  readonly notice?: (message: string) => void
}

/**
 * What makes the rest of a capture unreadable. All entries before it have been handed on.
 *
 * `not-pcap`: it does not begin as a pcap file; `pcapng`: it is one, which is not read; `link-type`: its packets are not
 * pflog's; `damaged`: a record's header cannot be true; `truncated`: it ends within a header or a record; `internal`: a fault
 * of our own.
 */
export class DecodeProblem extends Data.TaggedError("DecodeProblem")<{
  readonly reason: "not-pcap" | "pcapng" | "link-type" | "damaged" | "truncated" | "internal"
  /** Where in the capture the unreadable part begins, in bytes from its start. */
  readonly offset: number
  /** What a user reads. */
  readonly message: string
}> {}

/**
 * Turns the bytes of one capture into entries. It holds the state of that capture (an unfinished line or record), so each
 * start of tcpdump gets a new one. Synchronous, pure but for that state, and it never throws on what a capture holds.
 */
export interface Decoder<Entry extends PfLogEntry = PfLogEntry> {
  /**
   * Takes the next bytes and hands on all that they complete.
   *
   * @returns the problem that ends this capture, `undefined` while there is none; after it nothing is decoded any more
   */
  readonly push: (bytes: Lent<Uint8Array>, sink: DecodedSink<Entry>) => DecodeProblem | undefined
  /**
   * The capture has ended: hands on what was left unfinished.
   *
   * @returns the problem with its end, if there is one that `push` has not returned
   */
  readonly end: (sink: DecodedSink<Entry>) => DecodeProblem | undefined
}
