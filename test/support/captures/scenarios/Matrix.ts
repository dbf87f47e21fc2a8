import { ipv4Kinds, ipv6Kinds } from "../PacketKinds.ts"
import type { LoggedPacket } from "../PcapWriter.ts"
import type { HeaderFields, HeaderLayout } from "../PflogHeader.ts"
import { Direction } from "../PfNumbers.ts"
import { makeRandom, type Random } from "../Random.ts"
import { inboundRoute, outboundRoute } from "../Routes.ts"
import { floodStart } from "./Flood.ts"

const actions = 17
const reasons = 19
const directions = 5

/**
 * Every combination of header, action, reason and direction, numbers without a name included, over all kinds of
 * packets of both families, rules, rulesets and interfaces in turn.
 */
export function* matrix(headers: ReadonlyArray<HeaderLayout>): Generator<LoggedPacket> {
  const random = makeRandom(117)
  let index = 0
  for (const header of headers) {
    for (let action = 0; action < actions; action++) {
      for (let reason = 0; reason < reasons; reason++) {
        for (let direction = 0; direction < directions; direction++) {
          const overIpv6 = index % 2 === 1
          const kinds = overIpv6 ? ipv6Kinds : ipv4Kinds
          const kind = kinds[(index >> 1) % kinds.length] ?? kinds[0]
          const route = direction === Direction.out ? outboundRoute(random, overIpv6) : inboundRoute(random, overIpv6)
          yield {
            // Steps of more than a second and odd microseconds: zeros at both ends, midnight passed.
            time: floodStart + index * 1_250_001,
            header,
            pf: {
              ...anyHeaderFields(random),
              action,
              reason,
              direction,
              ...(index % 3 === 0 ? rewrittenTo(overIpv6) : {})
            },
            packet: kind(random, route)
          }
          index++
        }
      }
    }
  }
}

/** What OpenBSD's header tells of a packet after translation: addresses that are not the packet's own. */
const rewrittenTo = (overIpv6: boolean): Pick<HeaderFields, "rewritten"> => ({
  rewritten: overIpv6
    ? { source: "2001:db8:bad::ee", destination: "2001:db8:bad::ef", ports: [54_321, 8080] }
    : { source: "198.18.200.1", destination: "198.19.200.1", ports: [54_321, 8080] }
})

const rulesets = [
  "f2b/sshd",
  "f2b/recidive-all-ports-long",
  "bbeck(20267)",
  "a.b.c",
  "miniupnpd",
  "blacklistd/22",
  "x/y/z",
  "1",
  "rule 1/0(match)"
] as const

const interfaces = [
  "em0",
  "vtnet0",
  "vlan0.810",
  "igb1_vlan20",
  "epair1b",
  "wg0",
  "lagg0.4094",
  "dmz-office",
  "ng0",
  "tun2147483647xx"
] as const

/** What pf notes besides reason, action and direction: any rule, in or outside of an anchor, on any interface. */
export const anyHeaderFields = (random: Random): Omit<HeaderFields, "action" | "reason" | "direction"> => {
  const inAnchor = random.oneIn(3)
  return {
    rule: random.oneIn(20) ? undefined : random.pick([0, 1, 9, 10, 17, 42, 128, 65_535, 16_777_216]),
    ruleset: inAnchor ? random.pick(rulesets) : undefined,
    subrule: inAnchor ? random.pick([0, 1, 3, 12, 4096]) : undefined,
    interface: random.pick(interfaces),
    uid: random.oneIn(4) ? random.pick([0, 65, 1001]) : undefined,
    pid: undefined,
    ridentifier: random.oneIn(4) ? 1_000_000_103 : undefined
  }
}
