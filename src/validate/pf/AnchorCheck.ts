import { type Finding, failed, good, warning } from "../Finding.ts"
import { evaluates, flatten, resolveCall } from "./Anchor.ts"
import { type BanAnchor, fateOf, type LoadedRules, type PacketFate } from "./Evaluation.ts"
import type { PacketClass } from "./PacketClass.ts"
import type { PfRule } from "./Rule.ts"
import { reload, rulesText, unique } from "./RuleText.ts"

/**
 * Whether the rules call the anchor of a jail where it drops all that a banned host sends: before another rule lets it in or
 * logs it.
 */
export const anchorFindings = (
  rules: LoadedRules,
  ban: BanAnchor,
  classes: ReadonlyArray<PacketClass>,
  isLogging: boolean
): ReadonlyArray<Finding> => {
  const calls = flatten(rules.filter, rules.anchors).filter(
    ({ rule, within }) =>
      rule.call !== undefined && rule.inside === undefined && evaluates(resolveCall(within, rule.call), ban.path)
  )
  const wanted = wantedCall(ban)
  if (calls.length === 0) {
    const [detail, remedy] = whyMissing(rules, ban)
    return [failed("pf anchor", detail, remedy)]
  }
  const own = calls[0]?.rule.text ?? wanted
  const fates = classes.map((packets) => fateOf(rules, ban, packets))
  const findings = [
    ...leakFindings(fates, wanted),
    ...noiseFindings(fates, wanted),
    ...unreachedFindings(
      fates,
      calls.map(({ rule }) => rule),
      wanted,
      isLogging
    ),
    ...protocolFindings(fates, ban)
  ]
  if (findings.length > 0) return findings
  return [good("pf anchor", `${own}: banned hosts are dropped there, before another rule lets them in or logs them`)]
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")))

const wantedCall = ({ path }: BanAnchor): string => `anchor "${parentOf(path) === "" ? path : `${parentOf(path)}/*`}"`

/** Why no rule calls the anchor: another call may have been meant for it. */
const whyMissing = (rules: LoadedRules, ban: BanAnchor): readonly [detail: string, remedy: string] => {
  const wanted = wantedCall(ban)
  const parent = parentOf(ban.path)
  const calls = flatten(rules.filter, rules.anchors).filter(({ rule }) => rule.call !== undefined && rule.call !== "")
  const near = calls.find(({ rule, within }) => {
    const { path } = resolveCall(within, rule.call ?? "")
    return parent !== "" && (path === parent || path.startsWith(`${parent}/`))
  })
  const nested = calls.find(
    ({ rule, within }) => within !== "" && evaluates(resolveCall("", rule.call ?? ""), ban.path)
  )
  if (near !== undefined) {
    const path = resolveCall(near.within, near.rule.call ?? "").path
    const what = path === parent ? `the rules of ${parent} itself` : `the rules of ${path}`
    return [
      `${near.rule.text} evaluates ${what} only, not those of ${ban.path}, where fail2ban's bans are: they block nothing`,
      `Write ${wanted} in its place, ${reload}`
    ]
  }
  if (nested !== undefined) {
    return [
      `${nested.rule.text} stands inside another anchor, and so means ${nested.within}/${nested.rule.call}: fail2ban's bans block nothing`,
      `Begin the name with a slash, ${wanted.replace('"', '"/')}, or put it outside, ${reload}`
    ]
  }
  return [
    `${wanted} is missing: fail2ban's bans block nothing`,
    `Add ${wanted} to /etc/pf.conf before the first rule that passes or logs, ${reload}`
  ]
}

const leakFindings = (fates: ReadonlyArray<PacketFate>, wanted: string): ReadonlyArray<Finding> => {
  const leaks = unique(fates.flatMap((fate) => fate.leaks))
  if (leaks.length === 0) return []
  const quick = leaks.some((rule) => rule.quick)
  const detail = `banned hosts get in through ${rulesText(leaks)}, which ${quick ? `decides before ${wanted}` : "overrules a ban without quick"}`
  const remedy = quick
    ? `Move ${wanted} in /etc/pf.conf before that rule, ${reload}`
    : `Use "block quick" in fail2ban's action (its default), or move ${wanted} after the rules that pass, ${reload}`
  // Nobody gets into the host through pings, or through answers to queries such as those of DNS and DHCP.
  const harmless = leaks.every(
    ({ protocol, sourcePort }) => /icmp/.test(protocol ?? "") || (protocol === "udp" && sourcePort)
  )
  return [(harmless ? warning : failed)("pf anchor", detail, remedy)]
}

const noiseFindings = (fates: ReadonlyArray<PacketFate>, wanted: string): ReadonlyArray<Finding> => {
  const noise = unique(fates.flatMap((fate) => fate.noise))
  if (noise.length === 0) return []
  const [first] = noise
  const detail =
    first?.action === "match"
      ? `${first.text} also logs what ${wanted} after it drops: banned hosts go on filling the log`
      : `${wanted} stands after a rule that blocks and logs (${rulesText(noise)}): banned hosts go on filling the log`
  return [failed("pf anchor", detail, `Move ${wanted} in /etc/pf.conf before that rule, ${reload}`)]
}

/** Reports a call that not all packets reach: the packets that it is for, and those that it misses. */
const unreachedFindings = (
  fates: ReadonlyArray<PacketFate>,
  calls: ReadonlyArray<PfRule>,
  wanted: string,
  isLogging: boolean
): ReadonlyArray<Finding> => {
  const missed = fates.filter(({ isMissed, banned }) => isMissed && banned !== "none")
  const [call] = calls
  // Without a rule that logs, it is unknown on which interface strangers come in.
  if (missed.length === 0 || call === undefined || (!isLogging && call.on !== undefined)) return []
  const reasons = [
    ...(call.direction === "out" ? ["outgoing packets"] : []),
    ...(call.on === undefined ? [] : [`packets ${call.on.negated ? "not " : ""}on ${call.on.name}`]),
    ...(call.family === undefined ? [] : [call.family === "inet" ? "IPv4" : "IPv6"]),
    ...(call.protocol === undefined ? [] : [call.protocol]),
    ...(call.source === "any" ? [] : ["some sources"]),
    ...call.conditions
  ]
  const limits = reasons.length === 0 ? "a part of the packets" : reasons.join(", ")
  return [
    failed(
      "pf anchor",
      `${call.text} is for ${limits} only: a ban does not stop ${classesText(missed.map(({ packets }) => packets))}`,
      `Write it without conditions, ${wanted}, before the first rule that passes or logs, ${reload}`
    )
  ]
}

const classesText = (classes: ReadonlyArray<PacketClass>): string => {
  const protocols = [...new Set(classes.map(({ protocol }) => protocol))].join(", ")
  const interfaces = [...new Set(classes.map(({ on }) => on ?? "any other interface"))]
  const families = new Set(classes.map(({ family }) => family))
  const family = families.size > 1 ? "" : ` of ${families.has("inet") ? "IPv4" : "IPv6"}`
  const everywhere = interfaces.length === 1 && interfaces[0] === "any other interface"
  return `${protocols}${family}${everywhere ? "" : ` on ${interfaces.join(", ")}`}`
}

/** Reports rules of fail2ban itself that drop only some protocols. */
const protocolFindings = (fates: ReadonlyArray<PacketFate>, ban: BanAnchor): ReadonlyArray<Finding> => {
  const open = fates.filter(({ banned }) => banned !== "all").map(({ packets }) => packets)
  if (open.length === 0) return []
  return [
    warning(
      "pf anchor",
      `the rules that fail2ban has loaded into ${ban.path} do not drop all of ${[...new Set(open.map(({ protocol }) => protocol))].join(", ")}: ${rulesText(ban.rules)}`,
      'Give the jail the action of the shipped one: actiontype=<allports>, protocol="{ tcp udp icmp ipv6-icmp }"'
    )
  ]
}
