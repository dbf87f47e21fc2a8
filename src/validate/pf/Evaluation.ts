import { type AnchorRules, calledRules, deepest, evaluates, resolveCall } from "./Anchor.ts"
import { classesOn, type Groups, type PacketClass, type Share, shareOf } from "./PacketClass.ts"
import type { PfRule } from "./Rule.ts"

/** The rules of a host, and what is asked of them. */
export interface RuleSet {
  readonly filter: ReadonlyArray<PfRule>
  /** nat, rdr and binat rules, which FreeBSD evaluates first. */
  readonly translation: ReadonlyArray<PfRule>
  readonly anchors: AnchorRules
  readonly translationAnchors: AnchorRules
  readonly groups: Groups
  /** The interface that pfasciilogd captures from. */
  readonly logInterface: string
}

/** Where fail2ban's action for a jail puts its rules: `f2b/JAIL`, and what they are; none where they are not loaded. */
export interface BanAnchor {
  readonly path: string
  readonly rules: ReadonlyArray<PfRule>
}

/** What becomes of the packets of one class that a banned host sends. */
export interface PacketFate {
  readonly packets: PacketClass
  /** Whether they pass by the call that would drop them, since it is for other packets or nobody gets to it. */
  readonly isMissed: boolean
  /** How much of the class fail2ban's own rules drop. */
  readonly banned: Share
  /** Rules that let them through. */
  readonly leaks: ReadonlyArray<PfRule>
  /** Rules that block and log them all the same. */
  readonly noise: ReadonlyArray<PfRule>
}

/** Looks at a rule that matches a share of a class, which may be none; says whether the evaluation ends with it. */
type Step = (rule: PfRule, share: Share, within: string) => boolean

/** Evaluates rules as pf does: in order, anchors in the place of their calls, until a quick one matches all. */
const walk = (
  rules: ReadonlyArray<PfRule>,
  { anchors, groups }: Pick<RuleSet, "anchors" | "groups">,
  packets: PacketClass,
  step: Step,
  within = "",
  most: Share = "all",
  depth = 0
): boolean =>
  rules.some((rule) => {
    const own = shareOf(rule, packets, groups)
    const share = own === "all" ? most : own
    if (step(rule, share, within)) return true
    if (share === "none" || rule.action !== "anchor" || depth >= deepest) return false
    return calledRules(rule, within, anchors).some(([path, inside]) =>
      walk(inside, { anchors, groups }, packets, step, path, share, depth + 1)
    )
  })

const logsTo = ({ log }: PfRule, logInterface: string): boolean => log?.to === logInterface

/** Whether packets of a class may be blocked and logged in the end: whoever sends them can get banned. */
const isLogged = (rules: RuleSet, packets: PacketClass): boolean => {
  const logged = new Set<PfRule>()
  const finals = new Set<PfRule>()
  // Without quick the last rule that matches decides.
  let last: Array<PfRule> = []
  let allLog = false
  const ended = walk(rules.filter, rules, packets, (rule, share) => {
    if (share === "none") return false
    if (rule.log?.matches === true && logsTo(rule, rules.logInterface)) allLog = true
    if (rule.action !== "block" && rule.action !== "pass") return false
    if (rule.action === "block" && (allLog || logsTo(rule, rules.logInterface))) logged.add(rule)
    const matchesAll = share === "all" && rule.source === "any"
    if (rule.quick) finals.add(rule)
    else last = matchesAll ? [rule] : [...last, rule]
    return rule.quick && matchesAll
  })
  return [...finals, ...(ended ? [] : last)].some((rule) => logged.has(rule))
}

/** The interfaces that rules name; those of the loopback and of the log are none that a stranger's packet comes in on. */
const namedInterfaces = (rules: RuleSet): ReadonlyArray<string> => {
  const all = [...rules.filter, ...rules.anchors.values()].flat()
  const named = (list: ReadonlyArray<PfRule>): ReadonlyArray<string> =>
    list.flatMap(({ on, inside }) => [...(on === undefined ? [] : [on.name]), ...named(inside ?? [])])
  return [...new Set(named(all))].filter((name) => !/^(lo|pflog|enc)\d*$/.test(name))
}

/** The classes that a ban has to stop: all protocols where one of them can lead to a ban. */
export const classesToStop = (rules: RuleSet): ReadonlyArray<PacketClass> =>
  [undefined, ...namedInterfaces(rules)].flatMap((on) =>
    (["inet", "inet6"] as const).flatMap((family) => {
      const classes = classesOn(on).filter((packets) => packets.family === family)
      return classes.some((packets) => isLogged(rules, packets)) ? classes : []
    })
  )

/** How much of a class the rules of a jail drop; nothing loaded yet counts as what the shipped jail loads. */
const bannedShare = ({ rules }: BanAnchor, packets: PacketClass, groups: Groups): Share => {
  const blocking = rules.filter(({ action }) => action === "block")
  if (blocking.length === 0) return "all"
  const shares = blocking.map((rule) => shareOf(rule, packets, groups))
  return shares.includes("all") ? "all" : shares.includes("some") ? "some" : "none"
}

/** What becomes of a banned host's packets of one class. */
export const fateOf = (rules: RuleSet, ban: BanAnchor, packets: PacketClass): PacketFate => {
  const leaks = new Set<PfRule>()
  const noise = new Set<PfRule>()
  const banned = bannedShare(ban, packets, rules.groups)
  const banIsQuick = ban.rules.every(({ action, quick }) => action !== "block" || quick)
  let loggingAll: PfRule | undefined
  // A block without quick, which a later rule may overrule.
  let isBlocked = false
  let isPast = false
  const ended = walk(rules.filter, rules, packets, (rule, share, within) => {
    if (rule.call !== undefined && rule.inside === undefined && evaluates(resolveCall(within, rule.call), ban.path)) {
      if (share !== "all" || banned === "none") {
        isPast = true
        return false
      }
      if (loggingAll !== undefined) noise.add(loggingAll)
      isBlocked = true
      return banIsQuick && banned === "all"
    }
    if (share === "none") return false
    if (rule.action === "match" && rule.log?.matches === true && logsTo(rule, rules.logInterface)) loggingAll = rule
    // Rules about some hosts are somebody's decision about them: lists of hosts to let in, or never to.
    if (rule.source === "some") return false
    const isBefore = !isPast && !isBlocked
    if (rule.action === "block" && rule.quick) {
      if (isBefore && (logsTo(rule, rules.logInterface) || loggingAll !== undefined)) noise.add(rule)
      return share === "all"
    }
    if (rule.action !== "pass") return false
    if (rule.quick ? isBefore : isBlocked && !banIsQuick) leaks.add(rule)
    return rule.quick && share === "all"
  })
  return {
    packets,
    isMissed: !isBlocked && (isPast || !ended),
    banned,
    leaks: [...leaks],
    noise: [...noise]
  }
}

/** The `rdr pass` rules that take packets of a class past the filter rules, whoever sent them. */
export const filterSkips = (rules: RuleSet, packets: PacketClass): ReadonlyArray<PfRule> => {
  const skips: Array<PfRule> = []
  walk(rules.translation, { ...rules, anchors: rules.translationAnchors }, packets, (rule, share) => {
    if (share === "none") return false
    if (rule.action !== "rdr" && rule.action !== "binat") return false
    if (rule.source !== "some" && rule.skipsFilter && !rule.isException) skips.push(rule)
    // The first translation that matches is taken.
    return share === "all" && rule.source === "any"
  })
  return skips
}
