/** Microseconds since 1970-01-01T00:00:00Z; whole numbers up to the year 2255 are exact. */
export type EpochMicros = number

/** Where a packet comes from or goes to. */
export interface Endpoint {
  /** An IPv4 or IPv6 address as the capture gives it, a scope (`%em0`) included. */
  readonly address: string
  /** The port of TCP, UDP, SCTP, …; none where the packet carries none (ICMP, a later fragment). */
  readonly port: number | undefined
}

/** Which way the packet went (`dir` of struct pfloghdr, pflog(4)); the number, in decimal digits, of one without a name. */
export type Direction = "in" | "out" | "in/out" | "fwd" | `${number}`

/** The address family of the outermost packet. */
export type Family = "ipv4" | "ipv6"

/** What pf itself says of a packet: the fields of its header (pflog(4)). */
export interface PfFields {
  /** pf's rule number; none for the default rule (`def`, 4294967295) or where nothing is printed. */
  readonly rule: number | undefined
  /** The anchor's name, as printed: cut at 15 characters by the kernel. */
  readonly ruleset: string | undefined
  /** The rule number inside the anchor. */
  readonly subrule: number | undefined
  /** `match`, `bad-offset`, `fragment`, `short`, …; the number, in decimal digits, of a reason without a name. */
  readonly reason: string
  /** `block`, `pass`, `scrub`, `nat`, `rdr`, …; the number, in decimal digits, of an action without a name. */
  readonly action: string
  readonly direction: Direction
  readonly interface: string
  readonly uid: number | undefined
  readonly pid: number | undefined
  /** The number that the rule carries as `ridentifier` (FreeBSD 13 and later). */
  readonly ridentifier: number | undefined
}

/** What the outermost IP packet says of itself, never one that is nested in it or quoted by it. */
export interface PacketFields {
  readonly family: Family | undefined
  /** IANA's keyword of the IP protocol in lower case: `tcp`, `udp`, `icmp`, `ipv6-icmp`, `gre`, `esp`, `ipip`, …. */
  readonly protocol: string | undefined
  readonly source: Endpoint | undefined
  readonly destination: Endpoint | undefined
  /** TCP flags in tcpdump's letters (`S`, `S.`, `FPU`, `none`); none where the packet is not TCP or they are cut off. */
  readonly tcpFlags: string | undefined
  /** Whether the packet is a fragment, the first one included. */
  readonly fragment: boolean
  /** Whether it is a message of ICMP or ICMPv6 that asks for an answer (an echo request, …), and says so itself. */
  readonly icmpRequest: boolean
  /** Length of the payload in bytes, where printed. */
  readonly payloadLength: number | undefined
}

/**
 * One packet that pf logged, decoded (an "entry"): what every format, filter and counter rests on. This is the list of an
 * entry's fields; the other places derive from it, so that the compiler names those that lack a new one. A field that the
 * capture does not give is `undefined`.
 */
export interface PfLogEntry extends PfFields, PacketFields {
  /** When pf logged the packet. */
  readonly time: EpochMicros | undefined
  /** The packet as tcpdump prints it, from `rule` on, without time stamp and line end; one character a byte (latin1). */
  readonly text: string
}

/** A copy of an entry with all fields read: for callers that keep it after the decoder's sink has returned. */
export const plainEntry = (entry: PfLogEntry): PfLogEntry => ({
  time: entry.time,
  rule: entry.rule,
  ruleset: entry.ruleset,
  subrule: entry.subrule,
  reason: entry.reason,
  action: entry.action,
  direction: entry.direction,
  interface: entry.interface,
  uid: entry.uid,
  pid: entry.pid,
  ridentifier: entry.ridentifier,
  family: entry.family,
  protocol: entry.protocol,
  source: entry.source,
  destination: entry.destination,
  tcpFlags: entry.tcpFlags,
  fragment: entry.fragment,
  icmpRequest: entry.icmpRequest,
  payloadLength: entry.payloadLength,
  text: entry.text
})
