/** The kinds of TCP options that have a name (IANA, "TCP Option Kind Numbers"). */
export const TcpOption = {
  end: 0,
  noOperation: 1,
  maximumSegment: 2,
  windowScale: 3,
  sackPermitted: 4,
  sack: 5,
  echo: 6,
  echoReply: 7,
  timestamp: 8,
  connectionCount: 11,
  connectionCountNew: 12,
  connectionCountEcho: 13,
  signature: 19,
  scps: 20,
  userTimeout: 28,
  authentication: 29,
  multipath: 30,
  fastOpen: 34,
  experiment: 254
} as const

/** What tcpdump calls them; it has an empty name for one. */
export const tcpOptionNames: ReadonlyMap<number, string> = new Map([
  [TcpOption.end, "eol"],
  [TcpOption.noOperation, "nop"],
  [TcpOption.maximumSegment, "mss"],
  [TcpOption.windowScale, "wscale"],
  [TcpOption.sackPermitted, "sackOK"],
  [TcpOption.sack, "sack"],
  [TcpOption.echo, "echo"],
  [TcpOption.echoReply, "echoreply"],
  [TcpOption.timestamp, "TS"],
  [TcpOption.connectionCount, "cc"],
  [TcpOption.connectionCountNew, "ccnew"],
  [TcpOption.connectionCountEcho, ""],
  [TcpOption.signature, "md5"],
  [TcpOption.scps, "scps"],
  [TcpOption.userTimeout, "uto"],
  [TcpOption.authentication, "tcp-ao"],
  [TcpOption.multipath, "mptcp"],
  [TcpOption.fastOpen, "tfo"],
  [TcpOption.experiment, "exp"]
])

const multipathSubtypes = ["capable", "join", "dss", "add-addr", "rem-addr", "prio", "fail", "fast-close"]

/** An option that breaks off the list: its value is cut off, or cannot be one. */
class BrokenOption {
  readonly text: string
  /** What tcpdump closes a list with once it has begun one. */
  readonly closing: string

  constructor(text: string, closing: string) {
    this.text = text
    this.closing = closing
  }
}

const bad = (): BrokenOption => new BrokenOption(badOption, "]")
const cut = (before: string): BrokenOption => new BrokenOption(before + cutOff, ">")

const badOption = "[bad opt]"
const cutOff = " [|tcp]"

/** A value of an option: its text, and how many bytes of it the text shows. */
interface OptionValue {
  readonly text: string
  readonly length: number
}

/** The bytes of an option's value, none of which is read beyond what the list claims and what was captured. */
class ValueReader {
  readonly #view: DataView
  readonly #start: number
  readonly #claimed: number
  readonly #captured: number

  constructor(view: DataView, start: number, claimed: number, captured: number) {
    this.#view = view
    this.#start = start
    this.#claimed = claimed
    this.#captured = captured
  }

  /** Why so many bytes are not there; `undefined` where they are. */
  lacks(length: number): BrokenOption | undefined {
    if (length > this.#claimed) return bad()
    return length > this.#captured ? cut("") : undefined
  }

  /** How many of so many bytes were captured. */
  captured(length: number): number {
    return Math.max(0, Math.min(length, this.#captured))
  }

  uint8(offset: number): number {
    return this.#view.getUint8(this.#start + offset)
  }

  uint16(offset: number): number {
    return this.#view.getUint16(this.#start + offset)
  }

  uint32(offset: number): number {
    return this.#view.getUint32(this.#start + offset)
  }

  hex(from: number, to: number): string {
    let text = ""
    for (let offset = from; offset < to; offset++) text += this.uint8(offset).toString(16).padStart(2, "0")
    return text
  }
}

/**
 * The TCP options between `start` and `end` as tcpdump writes them, without the brackets: `mss 1460,nop,wscale 7`. Of a
 * multipath option only the length and the kind are written. They are not whole where one breaks off: then the text ends the line.
 *
 * @param captured where the captured bytes end
 * @param segmentEnd where the segment ends, as it claims
 */
export const tcpOptionsText = (
  view: DataView,
  start: number,
  end: number,
  captured: number,
  segmentEnd: number
): { readonly text: string; readonly isWhole: boolean } => {
  let text = ""
  let at = start
  while (at < end) {
    const separator = at === start ? "" : ","
    if (at >= captured) return { text: text + separator + cutOff, isWhole: false }
    const kind = view.getUint8(at)
    const name = tcpOptionNames.get(kind) ?? `unknown-${kind}`
    if (kind === TcpOption.end) return { text: text + separator + name, isWhole: true }
    if (kind === TcpOption.noOperation) {
      text += separator + name
      at += 1
      continue
    }
    if (at + 1 >= captured) return { text: text + separator + cutOff, isWhole: false }
    const length = view.getUint8(at + 1)
    if (length < 2 || at + length > end) {
      return { text: text + separator + badOption + (separator === "" ? "" : "]"), isWhole: false }
    }
    const reader = new ValueReader(view, at + 2, end - at - 2, captured - at - 2)
    const value =
      kind === TcpOption.signature ? signatureText(reader, segmentEnd <= captured) : valueText(kind, length - 2, reader)
    if (value instanceof BrokenOption) {
      return { text: text + separator + name + value.text + (separator === "" ? "" : value.closing), isWhole: false }
    }
    // tcpdump goes on behind what it has written of the value, which may be more or less than the option's length.
    text += separator + name + value.text + (value.length === length - 2 ? "" : `[len ${length}]`)
    at += 2 + value.length
  }
  return { text, isWhole: true }
}

const valueText = (kind: number, length: number, value: ValueReader): OptionValue | BrokenOption => {
  switch (kind) {
    case TcpOption.maximumSegment:
      return value.lacks(2) ?? { text: ` ${value.uint16(0)}`, length: 2 }
    case TcpOption.windowScale:
      return value.lacks(1) ?? { text: ` ${value.uint8(0)}`, length: 1 }
    case TcpOption.sackPermitted:
      return { text: "", length: 0 }
    case TcpOption.sack:
      return sackText(length, value)
    case TcpOption.echo:
    case TcpOption.echoReply:
    case TcpOption.connectionCount:
    case TcpOption.connectionCountNew:
    case TcpOption.connectionCountEcho:
      return value.lacks(4) ?? { text: ` ${value.uint32(0)}`, length: 4 }
    case TcpOption.timestamp:
      return value.lacks(8) ?? { text: ` val ${value.uint32(0)} ecr ${value.uint32(4)}`, length: 8 }
    case TcpOption.scps:
      return value.lacks(2) ?? { text: ` cap ${value.hex(0, 1)} id ${value.uint8(1)}`, length: 2 }
    case TcpOption.userTimeout:
      return value.lacks(2) ?? { text: userTimeoutText(value.uint16(0)), length: 2 }
    case TcpOption.authentication:
      return authenticationText(length, value)
    case TcpOption.multipath:
      return length === 0 ? bad() : (value.lacks(length) ?? { text: multipathText(length, value), length })
    case TcpOption.fastOpen:
      return value.lacks(length) ?? { text: ` ${fastOpenText(0, length, value)}`, length }
    case TcpOption.experiment:
      return experimentText(length, value)
    default:
      return hexText(length === 0 ? "" : " 0x", 0, length, value)
  }
}

/** Bytes in hex behind the text before them, as far as they were captured. */
const hexText = (before: string, from: number, length: number, value: ValueReader): OptionValue | BrokenOption => {
  const captured = value.captured(length)
  const text = before + value.hex(from, captured)
  return captured < length ? cut(text) : { text, length }
}

/** tcpdump cannot check a signature without the secret, or without all that was signed. */
const signatureText = (value: ValueReader, isWholeSegment: boolean): OptionValue | BrokenOption => {
  const why = isWholeSegment ? "shared secret not supplied with -M" : "snaplen too short"
  return value.lacks(16) ?? { text: ` ${why}, can't check - ${value.hex(0, 16)}`, length: 16 }
}

const sackText = (length: number, value: ValueReader): OptionValue | BrokenOption => {
  if (length % 8 !== 0) return { text: " invalid sack", length }
  let text = ` ${length / 8} `
  for (let offset = 0; offset < length; offset += 8) {
    if (value.captured(length) < offset + 8) return cut(text)
    text += `{${value.uint32(offset)}:${value.uint32(offset + 4)}}`
  }
  return { text, length }
}

/** In RFC 5482 the highest bit tells minutes from seconds; tcpdump takes the lowest one, and this text is tcpdump's. */
const userTimeoutText = (timeout: number): string =>
  ` 0x${timeout.toString(16)} ${(timeout & 1) === 1 ? (timeout >>> 1) * 60 : timeout >>> 1}`

const authenticationText = (length: number, value: ValueReader): OptionValue | BrokenOption => {
  if (length < 2) return { text: " (invalid)", length }
  const captured = value.captured(length)
  if (captured < 1) return cut("")
  const key = ` keyid ${value.uint8(0)}`
  if (captured < 2) return cut(key)
  const keys = `${key} rnextkeyid ${value.uint8(1)}`
  return length === 2 ? { text: keys, length } : hexText(`${keys} mac 0x`, 2, length, value)
}

const multipathText = (length: number, value: ValueReader): string =>
  ` ${length + 2} ${multipathSubtypes[value.uint8(0) >>> 4] ?? "unknown"}`

const fastOpenText = (from: number, to: number, value: ValueReader): string => {
  const length = to - from
  if (length === 0) return " cookiereq"
  return length % 2 !== 0 || length < 4 || length > 16 ? " (invalid)" : ` cookie ${value.hex(from, to)}`
}

const experimentText = (length: number, value: ValueReader): OptionValue | BrokenOption => {
  const lacking = value.lacks(length)
  if (lacking !== undefined) return lacking
  if (length < 2) return bad()
  const magic = value.uint16(0)
  const text = magic === 0xf989 ? `-tfo${fastOpenText(2, length, value)}` : `-${value.hex(0, 2)}`
  return { text, length }
}
