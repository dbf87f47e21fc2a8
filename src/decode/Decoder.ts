import type { PfLogEntry } from "./PfLogEntry.ts"

/** Where a decoder puts what it finds, in the order of the capture. */
export interface DecodedSink<Entry extends PfLogEntry = PfLogEntry> {
  /** Takes one packet that pf logged. */
  readonly entry: (entry: Entry) => void
  /**
   * Takes a line that is not an entry (a continuation, an unknown form), without its line end, one character a byte (latin1).
   * Such a line is logged as a notice of tcpdump's.
   */
  readonly other: (line: string) => void
}

/**
 * Turns the bytes of one capture into entries. It holds the state of that capture (an unfinished line or record), so each
 * start of tcpdump gets a new one. Synchronous, pure but for that state, and it never throws on what a capture holds.
 */
export interface Decoder<Entry extends PfLogEntry = PfLogEntry> {
  /** Takes the next bytes and hands on all that they complete. The bytes may be reused by the caller afterwards. */
  readonly push: (bytes: Uint8Array, sink: DecodedSink<Entry>) => void
  /** The capture has ended: hands on what was left unfinished. */
  readonly end: (sink: DecodedSink<Entry>) => void
}
