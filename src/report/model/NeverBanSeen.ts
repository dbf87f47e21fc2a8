import ipaddr from "ipaddr.js"
import { parseAddress } from "../../host/neverban/Network.ts"
import { type NeverBanList, reasonText } from "../../host/neverban/NeverBanList.ts"
import type { NeverBanRow, TopList } from "./Report.ts"
import { topList } from "./TopList.ts"
import { type Counted, TopTable } from "./TopTable.ts"
import { flatCopy, visible, visibleUnicode } from "./Visible.ts"

/** So many IPv6 addresses are remembered as being on the list or not: looking one up takes microseconds. */
const mostRemembered = 20_000

const mostSeen = 2000

interface Seen extends Counted {
  blocked: number
}

/** Counts the packets of addresses that are on the never-ban list. */
export class NeverBanSeen {
  private readonly list: NeverBanList
  /** The list's networks of IPv4, as numbers, since each of a million forged sources is looked up. */
  private readonly networks: ReadonlyArray<{ readonly base: number; readonly divisor: number }>
  private readonly remembered = new Map<string, boolean>()
  private readonly seen = new TopTable(mostSeen, (_, mayMiss): Seen => ({ packets: 0, mayMiss, blocked: 0 }))

  constructor(list: NeverBanList) {
    this.list = list
    this.networks = list.entries.flatMap(({ network }) => {
      if (!(network.address instanceof ipaddr.IPv4)) return []
      const divisor = 2 ** (32 - network.bits)
      return [{ base: Math.floor(ipv4Number(network.address.toString()) / divisor), divisor }]
    })
  }

  /** Why an address must never be banned; empty where it may be. */
  reasonsOf(address: string): ReadonlyArray<string> {
    const network = parseAddress(address)
    return network === undefined ? [] : this.list.covering(network).map(reasonText)
  }

  has(address: string): boolean {
    const number = ipv4Number(address)
    if (number >= 0) return this.networks.some(({ base, divisor }) => Math.floor(number / divisor) === base)
    const known = this.remembered.get(address)
    if (known !== undefined) return known
    if (this.remembered.size >= mostRemembered) this.remembered.clear()
    const listed = this.reasonsOf(address).length > 0
    this.remembered.set(flatCopy(address), listed)
    return listed
  }

  add(address: string, isBlocked: boolean): void {
    if (!this.has(address)) return
    const state = this.seen.of(address)
    state.packets += 1
    if (isBlocked) state.blocked += 1
  }

  finish(bansOf: (address: string) => number, most: number): TopList<NeverBanRow> {
    return topList(this.seen, most, (address, { packets, blocked }) => ({
      address: visible(address),
      why: visibleUnicode(this.reasonsOf(address).join("; "), 120),
      packets,
      blocked,
      bans: bansOf(address)
    }))
  }
}

const dot = 0x2e
const zero = 0x30

/** An IPv4 address as a number; -1 of anything else. */
const ipv4Number = (address: string): number => {
  let value = 0
  let part = 0
  let dots = 0
  for (let at = 0; at < address.length; at++) {
    const code = address.charCodeAt(at)
    if (code === dot) {
      value = value * 256 + part
      part = 0
      dots += 1
    } else if (code >= zero && code <= zero + 9) part = part * 10 + code - zero
    else return -1
  }
  return dots === 3 && part < 256 ? value * 256 + part : -1
}
