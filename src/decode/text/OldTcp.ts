/**
 * TCP of OpenBSD's tcpdump, and of tcpdump.org's before 4.0, up to what shows whether it acknowledges anything:
 * `S 1:1(0) win 52206`, `P 1:49(48) ack 1`, `. ack 1 win 5`, `FS [bad hdr length]`, with a word on the checksum or on the
 * system behind it in between.
 */
const oldTcp =
  /^([SFRPUWE]+|\.)(?:( \[bad hdr length\b)|(?: \[[a-z ]+\]| \[bad [^\]]*\]|, cksum 0x[^,]*,)?(?: \(src OS:[^)]*\))?(?: \d+:\d+\((\d+)\)( ack \d)?|( ack \d)| win \d))/

/** What such a text says. */
interface OldTcp {
  /** In the letters of today's tcpdump, where the dot stands for ACK. */
  readonly flags: string
  readonly payloadLength: number | undefined
}

/** Reads the words behind `A.port > B.port: ` as old TCP; nothing where they are none. */
export const readOldTcp = (text: string): OldTcp | undefined => {
  const found = oldTcp.exec(text)
  if (found === null) return undefined
  const [, written = "", cut, length, acknowledged = found[5]] = found
  return {
    // Where the header cannot be read further, nothing says whether it acknowledges.
    flags: cut === undefined ? todaysFlags(written, acknowledged !== undefined) : written,
    payloadLength: length === undefined ? undefined : Number(length)
  }
}

/** A dot is written there for want of any flag to name, and ACK as a word behind the sequence numbers. */
const todaysFlags = (written: string, acknowledges: boolean): string => {
  if (written === ".") return acknowledges ? "." : "none"
  return acknowledges ? written.replace(/(?=[UEW]|$)/, ".") : written
}
