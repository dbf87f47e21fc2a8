import type { PacketTruth } from "./captures/PacketTruth.ts"

/**
 * Names that tcpdump 4.99.0 to 4.99.5 as packaged for Linux prints, by pf's numbers. Its table of reasons holds number 4
 * twice and 3 never, so a short packet is `unkn(3)` and a packet that scrub normalized is `3(short)`.
 */
const printedReasons: ReadonlyArray<string | undefined> = [
  "0(match)",
  "1(bad-offset)",
  "2(fragment)",
  undefined,
  "3(short)",
  "5(memory)",
  "6(bad-timestamp)",
  "7(congestion)",
  "8(ip-option)",
  "9(proto-cksum)",
  "10(state-mismatch)",
  "11(state-insert)",
  "12(state-limit)",
  "13(src-limit)",
  "14(synproxy)"
]

const printedActions: ReadonlyArray<string | undefined> = [
  "pass",
  "block",
  "scrub",
  undefined,
  "nat",
  "nonat",
  "binat",
  "nobinat",
  "rdr",
  "nordr",
  "synproxy-drop"
]

const printedDirections: ReadonlyArray<string | undefined> = ["in/out", "in", "out"]

const nameOf = (names: ReadonlyArray<string | undefined>, number: number): string => names[number] ?? `unkn(${number})`

/** The head of the line that tcpdump 4.99 prints of a packet, from its time up to `on em0: `. */
export const printedHead = (truth: PacketTruth): string => {
  const { numbers, rule, ruleset, subrule, time = 0 } = truth
  const stamp = `${Math.floor(time / 1_000_000)}.${String(time % 1_000_000).padStart(6, "0")}`
  const anchor = subrule === undefined ? "" : `.${ruleset}.${subrule}`
  return (
    `${stamp} rule ${rule ?? 4_294_967_295}${anchor}/${nameOf(printedReasons, numbers.reason)}: ` +
    `${nameOf(printedActions, numbers.action)} ${nameOf(printedDirections, numbers.direction)} on ${truth.interface}: `
  )
}

/** The name that a decoder can read in `0(match)` or `unkn(15)`: the name alone, or the digits. */
const readable = (printed: string): string => printed.replace(/^(?:unkn|\d+)\((.*)\)$/, "$1")

/** What a decoder of text can know of a packet's reason, action and direction. */
export const readableVerdict = ({ numbers }: PacketTruth) => ({
  reason: readable(nameOf(printedReasons, numbers.reason)),
  action: readable(nameOf(printedActions, numbers.action)),
  direction: readable(nameOf(printedDirections, numbers.direction))
})

/** What is printed where pf's header gives another address family than the packet has: no address. */
const isUnreadable = /^(?:IP6, wrong link-layer encapsulation \(invalid\)|version error: \d+ != 6| \[\|ip6?\])?$/

/** Whether the rest of a line, from behind its head, gives the packet's true addresses and ports as its first ones. */
export const printsEndpoints = (truth: PacketTruth, rest: string): boolean => {
  const { destination, family, missingBytes, source } = truth
  if (source === undefined || destination === undefined) return isUnreadable.test(rest)
  if (missingBytes > 0 && /^ (?:.*\[\|ip\]|\[\|sctp\])$/.test(rest)) return true
  const body = rest.replace(/^truncated-ip6? - \d+ bytes missing! ?/, "")
  const withPorts = (address: string, port: number | undefined): string =>
    port === undefined ? address : `${address}.${port}`
  if (
    body.startsWith(`${withPorts(source.address, source.port)} > ${withPorts(destination.address, destination.port)}:`)
  ) {
    return true
  }
  const plain = `${source.address} > ${destination.address}: `
  if (!body.startsWith(plain)) return false
  if (family === "ipv6" && source.port !== undefined) {
    const behind = body.slice(plain.length).replace(/^(?:(?:HBH|DSTOPT|frag \(\d+\|\d+\)) )+/, "")
    if (behind.startsWith(`${source.port} > ${destination.port}:`)) return true
  }
  return missingBytes > 0
}
