import { asPayload } from "./IpPacket.ts"
import { innerPacket } from "./PacketKinds.ts"
import type { Random } from "./Random.ts"
import { type Payload, type Segment, tcp, udp } from "./Segment.ts"

/** A payload that carries text of the sender's choice to where tcpdump prints it. */
export type HostileSegment = (random: Random) => Segment

/** Text and the addresses it names. */
interface Bait {
  readonly text: string
  readonly addresses: ReadonlyArray<string>
}

const baitAddress = (random: Random): string =>
  random.oneIn(3)
    ? `2001:db8:bad::${random.between(1, 0xffff).toString(16)}`
    : `198.18.${random.below(256)}.${random.between(1, 254)}`

/** A text that would be an entry if it stood on a line of its own, or at the head of one. */
const bait = (random: Random): Bait => {
  const source = baitAddress(random)
  const destination = "198.19.0.1"
  const endpoints = `${source}.${random.between(1, 65_535)} > ${destination}.${random.pick([22, 53, 80])}: `
  const packet = `${endpoints}Flags [S], seq 1, win 1024, length 0`
  const head = random.pick(["rule 1/0(match): block in on em0: ", "rule 17.f2b/sshd.0/0(match): block in on vtnet0: "])
  const stamp = random.pick(["", "", "1795327200.000000 ", "2026-11-22T06:00:00.000000+00:00 ", "06:00:00.000000 "])
  const text = random.pick([
    `${stamp}${head}${packet}`,
    `${head}${packet}`,
    `${stamp}${head}IP ${packet}`,
    `: ${packet}`,
    ` ${packet}`,
    `block in on em0: ${packet}`,
    `> ${destination}.22: ${head}${packet}`,
    `rule 1/(match) block in on em0: ${source}.53 > ${destination}.80: S 1:1(0) win 1024`
  ])
  return { text, addresses: [source, destination] }
}

const separators = [
  "",
  "",
  " ",
  "\n",
  "\r\n",
  "\r",
  "\0",
  "\t",
  "\u0085",
  "\u009b31m",
  "\u001b[2K",
  "\xff\xfe",
  "\u007f",
  "\v",
  "\f"
]

/** Bait between line ends, NULs, escape sequences and bytes over 127. */
const dressedBait = (random: Random): Bait => {
  const { addresses, text } = bait(random)
  const separator = (): string => separators[random.below(separators.length)] ?? ""
  return { text: `${separator()}${text}${separator()}`, addresses }
}

const latin1 = (text: string, addresses: ReadonlyArray<string>): Payload => ({
  bytes: Buffer.from(text, "latin1"),
  innerAddresses: addresses
})

const highPort = (random: Random): number => random.between(32_768, 60_999)

const overTcp =
  (
    ports: readonly [number, ...ReadonlyArray<number>],
    write: (random: Random, bait: string) => string
  ): HostileSegment =>
  (random) => {
    const { addresses, text } = dressedBait(random)
    const port = random.pick(ports)
    return tcp({
      ports: random.oneIn(4) ? [port, highPort(random)] : [highPort(random), port],
      flags: "P.",
      sequence: random.below(0xffff_ffff),
      acknowledgment: random.below(0xffff_ffff),
      window: 502,
      payload: latin1(write(random, text), addresses)
    })
  }

const overUdp =
  (
    ports: readonly [number, ...ReadonlyArray<number>],
    write: (random: Random, bait: string) => string
  ): HostileSegment =>
  (random) => {
    const { addresses, text } = dressedBait(random)
    const port = random.pick(ports)
    return udp(
      random.oneIn(4) ? [port, highPort(random)] : [highPort(random), port],
      latin1(write(random, text), addresses)
    )
  }

const word = (value: number): string => String.fromCharCode((value >>> 8) & 255, value & 255)

/** A DNS question whose name is the text, in labels of at most 63 bytes. */
const dnsQuestion = (random: Random, text: string): string => {
  const labels = (text.match(/[\s\S]{1,63}/g) ?? []).slice(0, 4)
  const name = labels.map((label) => String.fromCharCode(label.length) + label).join("")
  return `${word(random.below(65_536))}${word(random.oneIn(3) ? 0x8180 : 0x0100)}${word(1)}${word(0)}${word(0)}${word(0)}${name}\0${word(random.pick([1, 16, 28, 255]))}${word(1)}`
}

/** A DER element of ASN.1. */
const der = (tag: number, content: string): string =>
  `${String.fromCharCode(tag)}${content.length < 128 ? String.fromCharCode(content.length) : `\x82${word(content.length)}`}${content}`

/** An SNMPv2c GetRequest whose community is the text. */
const snmp = (text: string): string =>
  der(
    0x30,
    der(2, "\x01") +
      der(4, text) +
      der(
        0xa0,
        der(2, "\x01") + der(2, "\0") + der(2, "\0") + der(0x30, der(0x30, der(6, "\x2b\x06\x01") + der(5, "")))
      )
  )

/** NetBIOS' way to write a name of 16 bytes: two letters a byte. */
const netbiosName = (text: string): string =>
  [...text.slice(0, 16).padEnd(16, " ")]
    .map((letter) => String.fromCharCode(65 + ((letter.charCodeAt(0) >> 4) & 15), 65 + (letter.charCodeAt(0) & 15)))
    .join("")

/** A frame that carries another packet behind so many bytes of a tunnel's header. */
const tunnelled =
  (port: number, header: (random: Random) => Uint8Array, ethernet: boolean): HostileSegment =>
  (random) => {
    const overIpv6 = random.oneIn(3)
    const inner = asPayload(innerPacket(random, overIpv6))
    const frame = ethernet ? [...random.bytes(12), ...(overIpv6 ? [0x86, 0xdd] : [8, 0])] : []
    return udp([highPort(random), port], {
      bytes: Uint8Array.of(...header(random), ...frame, ...inner.bytes),
      innerAddresses: inner.innerAddresses
    })
  }

/** Random bytes on a port whose protocol tcpdump dissects. */
const noiseOn =
  (
    make: (ports: readonly [number, number], payload: Payload) => Segment,
    ports: ReadonlyArray<number>
  ): HostileSegment =>
  (random) => {
    const port = ports[random.below(ports.length)] ?? 53
    const pair: readonly [number, number] = random.oneIn(2) ? [highPort(random), port] : [port, highPort(random)]
    return make(pair, { bytes: random.bytes(random.below(300)), innerAddresses: [] })
  }

const dissectedUdpPorts = [
  53, 67, 68, 69, 88, 111, 123, 137, 138, 161, 162, 319, 320, 496, 500, 514, 517, 518, 520, 521, 546, 547, 554, 623,
  646, 654, 698, 1645, 1646, 1701, 1812, 1813, 1985, 2049, 2055, 3784, 3785, 4341, 4342, 4500, 4567, 4784, 4789, 4790,
  5000, 5050, 5060, 5353, 6081, 6343, 6635, 6704, 6784, 7000, 7001, 8472, 9000, 9875, 10_000, 17_754, 49_153
]

const dissectedTcpPorts = [
  21, 22, 23, 25, 43, 53, 80, 88, 111, 139, 143, 179, 445, 502, 554, 587, 639, 646, 1723, 2049, 2106, 3128, 5060, 6379,
  6633, 6653, 8080, 8554, 64_999
]

/** Every place in which tcpdump 3.9 to 4.99 prints what a sender wrote. */
export const hostileSegments: readonly [HostileSegment, ...ReadonlyArray<HostileSegment>] = [
  overTcp(
    [80, 8080, 3128, 591],
    (random, text) => `${random.pick(["GET ", "POST ", "HEAD /"])}${text} HTTP/1.1\r\nHost: ${text}\r\n\r\n`
  ),
  overTcp([80, 8080], (_, text) => `HTTP/1.1 404 ${text}\r\n\r\n${text}`),
  overTcp([80, 8080, 21, 25, 43], (_, text) => text),
  overTcp([21], (random, text) => `${random.pick(["USER ", "PASS ", "220 ", "CWD "])}${text}\r\n`),
  overTcp([25, 587], (random, text) => `${random.pick(["MAIL FROM:<", "EHLO ", "250 ", "RCPT TO:<"])}${text}\r\n`),
  overTcp([554, 8554, 7070], (_, text) => `DESCRIBE ${text} RTSP/1.0\r\nCSeq: 1\r\n\r\n`),
  overTcp([6379], (_, text) => `*2\r\n$4\r\nAUTH\r\n$${text.length}\r\n${text}\r\n`),
  overTcp([6379], (_, text) => `+${text}\r\n-ERR ${text}\r\n`),
  overTcp([22], (_, text) => `SSH-2.0-${text}\r\n`),
  overTcp([23], (_, text) => `\xff\xfd\x18\xff\xfa\x18\0${text}\xff\xf0`),
  overTcp([53], (random, text) => {
    const question = dnsQuestion(random, text)
    return word(question.length) + question
  }),
  overTcp(
    [179],
    (_, text) =>
      `${"\xff".repeat(16)}${word(21 + text.length)}\x03\x06\x02${String.fromCharCode(text.length & 255)}${text}`
  ),
  overTcp(
    [445, 139],
    (_, text) => `\0\0${word(36 + text.length)}\xffSMB\x72${"\0".repeat(27)}\0${word(text.length)}\x02${text}\0`
  ),
  overTcp(
    [6633, 6653],
    (_, text) => `\x01\x01${word(12 + text.length)}\0\0\0\x01\0\0\0\0${text}\x01\0${word(8)}\0\0\0\x02`
  ),
  overUdp([53, 5353], dnsQuestion),
  overUdp([69], (random, text) => `\0${random.pick(["\x01", "\x02"])}${text}\0octet\0`),
  overUdp([69], (_, text) => `\0\x05\0\x01${text}\0`),
  overUdp([514], (_, text) => `<34>${text}`),
  overUdp(
    [5060],
    (random, text) => `${random.pick(["INVITE ", "REGISTER ", "OPTIONS "])}${text} SIP/2.0\r\nVia: ${text}\r\n\r\n`
  ),
  overUdp([161, 162], (_, text) => snmp(text)),
  overUdp(
    [137],
    (random, text) => `${word(random.below(65_536))}\x01\x10\0\x01\0\0\0\0\0\0 ${netbiosName(text)}\0\0\x20\0\x01`
  ),
  overUdp(
    [67, 68],
    (_, text) =>
      `\x01\x01\x06\0${"\0".repeat(40)}${text.padEnd(192, "\0").slice(0, 192)}\x63\x82\x53\x63\x35\x01\x01\x0c${String.fromCharCode(text.length & 255)}${text}\xff`
  ),
  overUdp([88], (_, text) => `\x04\x02${text}\0${text}\0${text}\0`),
  overUdp(
    [1812],
    (_, text) =>
      `\x01\x01${word(22 + text.length)}${"\0".repeat(16)}\x01${String.fromCharCode((text.length + 2) & 255)}${text}`
  ),
  overUdp([123, 500, 520, 1701, 4341, 4342, 6635, 9999], (_, text) => text),
  tunnelled(4789, () => Uint8Array.of(8, 0, 0, 0, 0, 0, 42, 0), true),
  tunnelled(8472, () => Uint8Array.of(8, 0, 0, 0, 0, 0, 42, 0), true),
  tunnelled(4790, () => Uint8Array.of(12, 0, 0, 1, 0, 0, 42, 0), false),
  tunnelled(6081, () => Uint8Array.of(0, 0, 0x65, 0x58, 0, 0, 42, 0), true),
  tunnelled(4341, () => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0), false),
  tunnelled(4342, () => Uint8Array.of(0x80, 0, 0, 0), false),
  noiseOn(udp, dissectedUdpPorts),
  noiseOn((ports, payload) => tcp({ ports, flags: "P.", payload }), dissectedTcpPorts)
]
