/** The hosts of an audit: the sender of the packets, their destination, and the victim that an attacker wants banned. */
export interface AuditAddresses {
  readonly source: string
  readonly destination: string
  readonly victim: string
}

/** Addresses of the blocks that are set aside for documentation (RFC 5737, RFC 3849). */
export const auditAddresses = {
  ipv4: { source: "192.0.2.99", destination: "198.51.100.9", victim: "203.0.113.66" },
  ipv6: { source: "2001:db8:99::99", destination: "2001:db8:9::9", victim: "2001:db8:66::66" }
} as const satisfies { readonly [family: string]: AuditAddresses }

/** A kind of packet with which a sender gets text, or other addresses, into the line that tcpdump prints. */
export interface ForgedPacket {
  /** The kind in words; kinds that differ only in detail share them. */
  readonly name: string
  /**
   * The text that tcpdump 4.99 prints for the packet after the interface; nothing where no such packet can hold the payload.
   *
   * @param payload printable ASCII of the attacker's choice; packets without a payload ignore it
   */
  readonly print: (addresses: AuditAddresses, payload: string) => string | undefined
  /** Whether the text holds the payload. */
  readonly hasPayload: boolean
}

/** The most bytes of text that a packet over Ethernet carries behind its headers. */
const mostText = 1200

const overTcp =
  (port: number, label: string, before: string, after: string, lineEnd: string, flags = "P.") =>
  (addresses: AuditAddresses, payload: string): string | undefined => {
    if (payload.length > mostText) return undefined
    const length = before.length + payload.length + after.length + lineEnd.length
    const acknowledged = flags.includes(".") ? ", ack 1" : ""
    return `${addresses.source}.4444 > ${addresses.destination}.${port}: Flags [${flags}], seq 1:${length + 1}${acknowledged}, win 512, length ${length}: ${label}${before}${payload}${after}`
  }

const overUdp =
  (from: number, to: number, print: (payload: string) => string | undefined) =>
  (addresses: AuditAddresses, payload: string): string | undefined => {
    const printed = payload.length > mostText ? undefined : print(payload)
    return printed === undefined
      ? undefined
      : `${addresses.source}.${from} > ${addresses.destination}.${to}: ${printed}`
  }

/** A DNS name has labels of 1 to 63 arbitrary bytes, and at most 255 bytes in all. */
const dnsQuestion = (payload: string): string | undefined => {
  const labels = payload.split(".")
  if (payload.length > 253 || labels.some((label) => label.length < 1 || label.length > 63)) return undefined
  return `1234+ A? ${payload}. (${payload.length + 18})`
}

const dnsText = (payload: string): string | undefined =>
  payload.length > 255 ? undefined : `1234 1/0/0 TXT "${payload}" (${payload.length + 32})`

const tftpRequest = (payload: string): string => `TFTP, length ${payload.length + 9}, RRQ "${payload}" octet`

const inside = (addresses: AuditAddresses): string =>
  `${addresses.victim}.4444 > ${addresses.destination}.22: Flags [S], seq 1, win 512, length 0`

const isIpv4 = (addresses: AuditAddresses): boolean => !addresses.source.includes(":")

/** An IPv4 packet without ports, whose text names the victim. */
const inIpv4 =
  (text: (addresses: AuditAddresses) => string) =>
  (addresses: AuditAddresses): string | undefined =>
    isIpv4(addresses) ? `${addresses.source} > ${addresses.destination}: ${text(addresses)}` : undefined

const withText = (name: string, print: ForgedPacket["print"]): ForgedPacket => ({ name, print, hasPayload: true })

const withAddress = (name: string, print: (addresses: AuditAddresses) => string | undefined): ForgedPacket => ({
  name,
  print,
  hasPayload: false
})

/**
 * The packets with which anybody can try to get another host banned, as tcpdump 4.99 prints them;
 * test/integration/Fail2banForgedPackets.test.ts compares them with the real tcpdump.
 */
export const forgedPackets: ReadonlyArray<ForgedPacket> = [
  withText("an HTTP request", overTcp(80, "HTTP: ", "GET /", " HTTP/1.1", "\r\n\r\n")),
  withText("an HTTP request", overTcp(80, "HTTP: ", "GET /", "", "\r\n")),
  withText("an HTTP request", overTcp(80, "HTTP: ", "GET /", "", "\r\n", "S")),
  withText("an FTP command", overTcp(21, "FTP: ", "", "", "\r\n")),
  withText("an SMTP command", overTcp(25, "SMTP: ", "", "", "\r\n")),
  withText("an SMTP command", overTcp(25, "SMTP: ", "", "", "\r\n", "S")),
  withText("an RTSP request", overTcp(554, "RTSP: ", "OPTIONS ", "", "\r\n")),
  withText("a Redis command", (addresses, payload) =>
    overTcp(6379, "RESP ", "", "", "\r\n")(addresses, payload)?.replace(payload, () => `"${payload}"`)
  ),
  withText("a TFTP request", overUdp(4444, 69, tftpRequest)),
  withText(
    "a SIP request",
    overUdp(4444, 5060, (payload) => `SIP: INVITE ${payload} SIP/2.0`)
  ),
  withText("a DNS question", overUdp(4444, 53, dnsQuestion)),
  withText("a DNS answer", overUdp(53, 4444, dnsText)),
  withText(
    "a timed message",
    overUdp(4444, 525, (payload) => `TSP_ADJTIME vers 1 seq 1 time 0.000000 name ${payload}`)
  ),
  withAddress("a packet in a packet (IP-in-IP)", inIpv4(inside)),
  withAddress(
    "a packet in a packet (GRE)",
    inIpv4((addresses) => `GREv0, proto IPv4 (0x0800), length 44: ${inside(addresses)}`)
  ),
  withAddress(
    "an ICMP error",
    inIpv4(({ victim }) => `ICMP ${victim} udp port 53 unreachable, length 36`)
  ),
  withAddress(
    "an ICMP error",
    inIpv4(({ victim }) => `ICMP host ${victim} unreachable, length 36`)
  ),
  withAddress(
    "an ICMP redirect",
    inIpv4(({ victim }) => `ICMP redirect ${victim} to host ${victim}, length 36`)
  )
]

/** The second line that tcpdump prints for a packet in VXLAN: the sender chooses all of it. */
export const tunnelledLine = (addresses: AuditAddresses): string =>
  `02:02:02:02:02:02 > 01:01:01:01:01:01, ethertype IPv4 (0x0800), length 54: ${inside(addresses)}`
