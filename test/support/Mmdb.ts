import ipaddr from "ipaddr.js"

/** What a record of a database may hold here. */
export type MmdbValue = string | number | { readonly [name: string]: MmdbValue }

/** A node of the search tree: where a bit 0 and a bit 1 lead. */
interface Node {
  zero: Node | number | undefined
  one: Node | number | undefined
}

/**
 * A database as MaxMind's format says (MaxMind DB 2.0): a search tree over IPv6 with IPv4 in `::/96`, 24 bits a record, then the
 * data, then the metadata.
 *
 * @param networks what is known of each network, such as `192.0.2.0/24`; none lies in another
 */
export const mmdb = (networks: Readonly<Record<string, MmdbValue>>): Buffer => {
  const root: Node = { zero: undefined, one: undefined }
  const records: Array<Buffer> = []
  let offset = 0
  for (const [network, value] of Object.entries(networks)) {
    insert(root, bitsOf(network), offset)
    const record = encode(value)
    records.push(record)
    offset += record.length
  }
  const nodes = numbered(root)
  const tree = Buffer.concat([...nodes.keys()].map((node) => nodeBytes(node, nodes)))
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_795_000_000,
    database_type: "Test",
    description: { en: "Made for a test" },
    ip_version: 6,
    node_count: nodes.size,
    record_size: 24
  })
  return Buffer.concat([tree, Buffer.alloc(16), ...records, Buffer.from("\xab\xcd\xefMaxMind.com", "latin1"), metadata])
}

const bitsOf = (network: string): ReadonlyArray<number> => {
  const [address, length] = ipaddr.parseCIDR(network)
  const bytes =
    address instanceof ipaddr.IPv4
      ? [...new Array<number>(12).fill(0), ...address.toByteArray()]
      : address.toByteArray()
  const bits = bytes.flatMap((byte) => Array.from({ length: 8 }, (_, index) => (byte >> (7 - index)) & 1))
  return bits.slice(0, address instanceof ipaddr.IPv4 ? 96 + length : length)
}

const insert = (root: Node, bits: ReadonlyArray<number>, offset: number): void => {
  let node = root
  for (const [index, bit] of bits.entries()) {
    const side = bit === 0 ? "zero" : "one"
    if (index === bits.length - 1) {
      node[side] = offset
      return
    }
    const next = node[side]
    if (typeof next === "object") node = next
    else {
      const made: Node = { zero: undefined, one: undefined }
      node[side] = made
      node = made
    }
  }
}

const numbered = (root: Node): Map<Node, number> => {
  const nodes = new Map<Node, number>()
  const waiting = [root]
  for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
    nodes.set(node, nodes.size)
    for (const side of [node.zero, node.one]) if (typeof side === "object") waiting.push(side)
  }
  return nodes
}

const nodeBytes = (node: Node, nodes: ReadonlyMap<Node, number>): Buffer => {
  const bytes = Buffer.alloc(6)
  const recordOf = (side: Node[keyof Node]): number => {
    if (side === undefined) return nodes.size
    return typeof side === "number" ? nodes.size + 16 + side : (nodes.get(side) ?? 0)
  }
  bytes.writeUIntBE(recordOf(node.zero), 0, 3)
  bytes.writeUIntBE(recordOf(node.one), 3, 3)
  return bytes
}

const types = { text: 2, uint32: 6, map: 7 } as const

const control = (type: number, size: number): Buffer =>
  size < 29 ? Buffer.from([(type << 5) | size]) : Buffer.from([(type << 5) | 29, size - 29])

const encode = (value: MmdbValue): Buffer => {
  if (typeof value === "string") {
    const bytes = Buffer.from(value, "utf8")
    return Buffer.concat([control(types.text, bytes.length), bytes])
  }
  if (typeof value === "number") {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([control(types.uint32, 4), bytes])
  }
  const entries = Object.entries(value)
  return Buffer.concat([
    control(types.map, entries.length),
    ...entries.flatMap(([name, inner]) => [encode(name), encode(inner)])
  ])
}
