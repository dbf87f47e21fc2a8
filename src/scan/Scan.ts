import type { EpochMicros } from "../decode/PfLogEntry.ts"

/** What was tried: a port, or 0 for a protocol without ports. */
export interface ScannedPort {
  /** IANA's keyword: `tcp`, `udp`, `icmp`, …; empty where it is unknown. */
  readonly protocol: string
  readonly port: number
}

/** A scan: enough different targets tried by one source, or by one network, within a short time. */
export interface Scan {
  /** When the packet came that made it a scan. */
  readonly time: EpochMicros
  /** An IPv4 address, or a network such as `203.0.113.0/24` and `2001:db8::/64`. */
  readonly source: string
  /** Of a network's scan: how many of its hosts took part, at least; IPv6 counts by /64. */
  readonly hosts: number | undefined
  /** The different ports, TCP's first, in order. */
  readonly ports: ReadonlyArray<ScannedPort>
  /** How many different addresses they were tried at. */
  readonly addresses: number
  /** From the first of these packets to the last, in seconds. */
  readonly seconds: number
}

/** Puts together what is told of a scan. */
export const summarize = (
  source: string,
  time: EpochMicros,
  hosts: number | undefined,
  ports: ReadonlyArray<ScannedPort>,
  addresses: number,
  seconds: number
): Scan => ({ time, source, hosts, ports: [...ports].sort(inOrder), addresses, seconds })

const inOrder = (one: ScannedPort, other: ScannedPort): number =>
  rank(one) - rank(other) || compare(one.protocol, other.protocol) || one.port - other.port

const rank = ({ protocol }: ScannedPort): number => (protocol === "tcp" ? 0 : 1)

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other))

/** A port in words: `22`, `53/udp`, `icmp`. */
export const portText = ({ protocol, port }: ScannedPort): string => {
  if (protocol === "tcp") return String(port)
  const name = protocol === "" ? "other" : protocol
  return port === 0 ? name : `${port}/${name}`
}
