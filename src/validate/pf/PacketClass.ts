import type { PfRule } from "./Rule.ts"

/** A kind of incoming packets that rules are evaluated for; those of TCP open a connection. */
export interface PacketClass {
  /** The interface or group that they come in on; nothing for one that no rule names. */
  readonly on: string | undefined
  readonly family: "inet" | "inet6"
  readonly protocol: string
}

/** How much of a class a rule matches, whatever the source. */
export type Share = "none" | "some" | "all"

/** The members of groups of interfaces, as far as the host lists them. */
export type Groups = ReadonlyMap<string, ReadonlyArray<string>>

/** The classes of one interface: a ban of all protocols has to stop all of them. */
export const classesOn = (on: string | undefined): ReadonlyArray<PacketClass> =>
  (["inet", "inet6"] as const).flatMap((family) =>
    ["tcp", "udp", family === "inet" ? "icmp" : "ipv6-icmp"].map((protocol) => ({ on, family, protocol }))
  )

/** How much of a class a rule matches; the caller judges the addresses of the source. */
export const shareOf = (rule: PfRule, packets: PacketClass, groups: Groups): Share => {
  if (rule.direction === "out") return "none"
  if (rule.family !== undefined && rule.family !== packets.family) return "none"
  if (rule.protocol !== undefined && rule.protocol !== packets.protocol) return "none"
  const here = shareOfInterface(rule, packets.on, groups)
  const isConditional = rule.conditions.length > 0 || (packets.protocol === "tcp" && !takesSyn(rule.flags))
  return here === "all" && isConditional ? "some" : here
}

/** Whether a rule with these flags matches a packet with SYN alone: `S/SA`, which pfctl adds to each rule that passes, `S/FSRA`. */
const takesSyn = (flags: string | undefined): boolean => {
  if (flags === undefined) return true
  const [set = "", of = ""] = flags.split("/")
  return set === (of.includes("S") ? "S" : "")
}

const shareOfInterface = ({ on }: PfRule, name: string | undefined, groups: Groups): Share => {
  if (on === undefined) return "all"
  const same = sameInterface(on.name, name, groups)
  if (same === undefined) return "some"
  return same !== on.negated ? "all" : "none"
}

/** An interface's name ends in a number, a group's does not. */
const isGroup = (name: string): boolean => !/\d$/.test(name)

/** Whether all that comes in on `name` comes in on `wanted`; nothing where that is unknown. */
const sameInterface = (wanted: string, name: string | undefined, groups: Groups): boolean | undefined => {
  if (name === undefined) return false
  if (wanted === name) return true
  if (!isGroup(wanted) && !isGroup(name)) return false
  const members = isGroup(name) ? groups.get(name) : [name]
  const wantedMembers = isGroup(wanted) ? groups.get(wanted) : [wanted]
  if (members === undefined || wantedMembers === undefined) return undefined
  if (members.every((member) => wantedMembers.includes(member))) return true
  return members.some((member) => wantedMembers.includes(member)) ? undefined : false
}
