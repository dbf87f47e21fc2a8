import { Protocol } from "./Protocols.ts"

const ipv6HeaderLength = 40
const fragmentHeaderLength = 8

/** The option that gives the length of a jumbogram (RFC 2675), how long it is, and the shortest length that it can give. */
const jumboOption = 0xc2
const jumboOptionLength = 4
const shortestJumbo = 65_536
/** The option of a single byte, without a length. */
const padding = 0

/** The length in the jumbo option of hop-by-hop options; none where these are not whole, or have no valid one. */
const jumboPayloadLength = (view: DataView, start: number, captured: number): number | undefined => {
  if (start + 8 > captured) return undefined
  const end = start + (view.getUint8(start + 1) + 1) * 8
  if (end > captured) return undefined
  for (let at = start + 2; at < end; ) {
    const option = view.getUint8(at)
    if (option === padding) {
      at += 1
      continue
    }
    if (at + 2 > end) return undefined
    const length = view.getUint8(at + 1)
    if (at + 2 + length > end) return undefined
    if (option === jumboOption) {
      const jumbo = length === jumboOptionLength ? view.getUint32(at + 2) : 0
      return jumbo < shortestJumbo ? undefined : jumbo
    }
    at += 2 + length
  }
  return undefined
}

/**
 * The extension headers of an IPv6 packet (RFC 8200), each with the text that tcpdump has for it: `HBH `, `DSTOPT `,
 * `frag (OFFSET|LENGTH) `. Of a routing header they are its type and lengths, without the addresses that its sender chose.
 */
export class Ipv6Chain {
  text = ""
  /** The protocol behind the headers, or the header at which they cannot be followed further. */
  protocol: number
  transport: number
  hasTransport = false
  fragment = false
  laterFragment = false
  /** Where the packet ends: the captured bytes of it, or those that it claims. */
  end: number
  /** How long it claims to be behind its fixed header; a jumbogram says that in an option. */
  payloadLength: number
  readonly #view: DataView
  readonly #start: number

  /**
   * @param end where the captured bytes end
   * @param payloadLength what the fixed header says
   * @param length how long the packet was before it was cut to the snapshot length
   */
  constructor(
    view: DataView,
    start: number,
    end: number,
    payloadLength: number,
    headerProtocol: number,
    length: number
  ) {
    this.#view = view
    this.#start = start
    this.transport = start + ipv6HeaderLength
    this.protocol = headerProtocol
    this.payloadLength = payloadLength
    this.end = Math.min(end, this.#claimedEnd)
    if (headerProtocol !== Protocol.hopByHop || payloadLength > 0) {
      this.hasTransport = this.#follow()
      return
    }
    const jumbo = jumboPayloadLength(view, this.transport, end)
    if (jumbo === undefined) {
      this.text = "HBH [No valid Jumbo Payload Hop-by-Hop option found] (invalid)"
      return
    }
    this.payloadLength = jumbo
    this.end = Math.min(end, this.#claimedEnd)
    const missing = ipv6HeaderLength + jumbo - length
    this.hasTransport = this.#follow()
    if (this.hasTransport && missing > 0) this.text += `truncated-ip6 - ${missing} bytes missing!`
  }

  get #claimedEnd(): number {
    return this.#start + ipv6HeaderLength + this.payloadLength
  }

  /** Goes on to the next header until there is none that can be passed; returns whether the transport's was reached. */
  #follow(): boolean {
    for (let isFirst = true; ; isFirst = false) {
      switch (this.protocol) {
        case Protocol.hopByHop:
          if (!isFirst) {
            this.text += "[The Hop-by-Hop Options header don't follow the IPv6 header] (invalid)"
            return false
          }
          if (!this.#passOptions("HBH ", " [|hbhopt]")) return false
          break
        case Protocol.destinationOptions:
          if (!this.#passOptions("DSTOPT ", " [|dstopt]")) return false
          break
        case Protocol.routing:
          if (!this.#passRouting()) return false
          break
        case Protocol.fragment:
          if (!this.#passFragment()) return false
          break
        default:
          return true
      }
    }
  }

  #passOptions(name: string, cutOff: string): boolean {
    const length = this.#headerLength(2)
    if (length === undefined) return this.#stop(cutOff)
    this.text += name
    return this.#pass(length)
  }

  #passRouting(): boolean {
    const length = this.#headerLength(8)
    if (length === undefined) return this.#stop("RT6 [|rt6]")
    const type = this.#view.getUint8(this.transport + 2)
    const segmentsLeft = this.#view.getUint8(this.transport + 3)
    this.text += `RT6 (len=${length / 8 - 1}, type=${type}, segleft=${segmentsLeft}) `
    return this.#pass(length)
  }

  #passFragment(): boolean {
    this.fragment = true
    if (this.transport + fragmentHeaderLength > this.end) return this.#stop(" [|frag6]")
    const offset = this.#view.getUint16(this.transport + 2) & 0xfff8
    const length = Math.max(0, this.#claimedEnd - this.transport - fragmentHeaderLength)
    this.text += `frag (${offset}|${length})`
    this.laterFragment = offset !== 0
    if (this.laterFragment) {
      this.protocol = this.#view.getUint8(this.transport)
      return false
    }
    this.text += " "
    return this.#pass(fragmentHeaderLength)
  }

  /** The length of a header that has it in its second byte; none where the header is not whole. */
  #headerLength(shortest: number): number | undefined {
    if (this.transport + shortest > this.end) return undefined
    const length = (this.#view.getUint8(this.transport + 1) + 1) * 8
    return this.transport + length > this.end ? undefined : length
  }

  /** The header is cut off, but its first byte may say what comes behind it. */
  #stop(text: string): false {
    this.text += text
    if (this.transport < this.end) this.protocol = this.#view.getUint8(this.transport)
    return false
  }

  /** Steps over the header, which is whole; returns whether something is left behind it. */
  #pass(length: number): boolean {
    this.protocol = this.#view.getUint8(this.transport)
    this.transport += length
    return this.transport < this.end
  }
}
