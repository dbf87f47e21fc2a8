import type { Endpoint, PfLogEntry } from "./PfLogEntry.ts"

/** The modes of the shipped filter, in which packets count towards a ban, from the usual to the widest. */
export const filterModes = ["normal", "tcp", "aggressive"] as const

/** One of the filter's modes. */
export type FilterMode = (typeof filterModes)[number]

/** Why a packet is no probe: the first reason that holds, in this order. */
export type NoProbe =
  | "not blocked inbound"
  | "no address"
  | "impossible source"
  | "other reasons"
  | "multicast or broadcast"
  | "late TCP"
  | "ICMP without a request"
  | "UDP answer or chatter"

/**
 * The reason why a packet is no probe, that is why it does not count towards a ban in mode `normal`; `undefined` for a probe.
 * This is the one definition of what counts: `fail2ban/filter.d/pfasciilogd.conf` says the same to fail2ban, and is tested
 * against it. It is called for each packet of a flood, so it makes no object of its own.
 */
export const whyNoProbe = (entry: PfLogEntry): NoProbe | undefined => {
  if (entry.action !== "block" || entry.direction !== "in") return "not blocked inbound"
  const { source, destination } = entry
  if (source === undefined) return "no address"
  if (!canBeHost(source.address)) return "impossible source"
  if (entry.reason !== "match") return "other reasons"
  if (destination !== undefined && isToMany(destination.address)) return "multicast or broadcast"
  switch (entry.protocol) {
    case "tcp":
      return isLate(entry.tcpFlags) ? "late TCP" : undefined
    case "icmp":
    case "ipv6-icmp":
      return entry.icmpRequest ? undefined : "ICMP without a request"
    case "udp":
      return isAnswerOrChatter(source, destination) ? "UDP answer or chatter" : undefined
    default:
      return undefined
  }
}

/** Whether a packet counts towards a ban in mode `normal`. */
export const isProbe = (entry: PfLogEntry): boolean => whyNoProbe(entry) === undefined

/** Whether a packet counts towards a ban in a mode of the shipped filter. */
export const countsInMode = (entry: PfLogEntry, mode: FilterMode): boolean => {
  const why = whyNoProbe(entry)
  switch (mode) {
    case "normal":
      return why === undefined
    case "tcp":
      return why === undefined && entry.tcpFlags !== undefined
    case "aggressive":
      return why !== "not blocked inbound" && why !== "no address" && why !== "impossible source"
  }
}

/** Late packets of ordinary connections, for which pf has no state any more, show ACK or RST; scans show neither. */
const isLate = (tcpFlags: string | undefined): boolean =>
  tcpFlags !== undefined && (tcpFlags.includes(".") || tcpFlags.includes("R"))

/**
 * Whether some host can send under this address at all (RFC 6890): not 0/8, 127/8, 169.254/16, 224/4, 240/4, 255.255.255.255,
 * of IPv6 not ::/16 (none, loopback, and all that claims to be an IPv4 address), fe80::/10, ff00::/8. The prefix of NAT64
 * (64:ff9b::/96) is a source on networks behind one, and a host each; private addresses are hosts too.
 */
const canBeHost = (address: string): boolean => {
  if (isIpv6(address)) {
    if (address.startsWith("::") || address.startsWith("0:")) return false
    return !(isMulticast6(address) || isLinkLocal6(address))
  }
  const octet = firstOctet(address)
  return octet !== 0 && octet !== 127 && octet < 224 && !address.startsWith("169.254.")
}

/** What goes to many hosts at once is nearly all that gets blocked on a LAN, and comes from good neighbours. */
const isToMany = (address: string): boolean => {
  if (isIpv6(address)) return isMulticast6(address)
  const octet = firstOctet(address)
  return (octet >= 224 && octet < 240) || address === "255.255.255.255"
}

const isIpv6 = (address: string): boolean => address.includes(":")

const isMulticast6 = (address: string): boolean => address.startsWith("ff") && hasFourDigits(address)

const isLinkLocal6 = (address: string): boolean =>
  address.startsWith("fe") && "89ab".includes(address.charAt(2)) && hasFourDigits(address)

/** Of its first group: `ff:1::1` is 00ff:1::1. */
const hasFourDigits = (address: string): boolean => address.indexOf(":") === 4

const zero = 0x30
const dot = 0x2e

const firstOctet = (address: string): number => {
  let value = 0
  for (let at = 0; at < 3; at++) {
    const code = address.charCodeAt(at)
    if (code === dot) break
    value = value * 10 + code - zero
  }
  return value
}

/** The first port that any program may take: servers mostly listen below. */
const firstHighPort = 1024

/** Services above that answer from their own port: SSDP, STUN, WS-Discovery, mDNS, LLMNR. */
const isAnsweringHighPort = (port: number): boolean =>
  port === 1900 || port === 3478 || port === 3702 || port === 5353 || port === 5355

/** An address that ends in .255 is the broadcast address of nearly every network. */
const isAnswerOrChatter = (source: Endpoint, destination: Endpoint | undefined): boolean => {
  const from = source.port
  const to = destination?.port
  if (from === undefined || to === undefined) return false
  return arePortsOfAnswer(from, to) || isDirectedBroadcast(destination?.address ?? "")
}

/** Whether UDP between these ports is an answer, or what peers say to each other; port 443 is a visitor's try of HTTP/3. */
export const arePortsOfAnswer = (from: number, to: number): boolean => {
  if (to === 443) return true
  if (to >= firstHighPort) return from < firstHighPort || isAnsweringHighPort(from) || (from === 4500 && to === 4500)
  return isPairOfPeers(from, to)
}

const isDirectedBroadcast = (address: string): boolean => !isIpv6(address) && address.endsWith(".255")

/** Protocols that both sides speak from a port of their own: DHCP of both families, its relays, NTP, NetBIOS, IKE. */
const isPairOfPeers = (from: number, to: number): boolean => {
  switch (from) {
    case 67:
      return to === 68 || to === 67
    case 68:
      return to === 67
    case 547:
      return to === 546 || to === 547
    case 546:
      return to === 547
    case 123:
    case 137:
    case 138:
    case 500:
      return from === to
    default:
      return false
  }
}
