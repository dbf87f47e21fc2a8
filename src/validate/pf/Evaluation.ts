import { type AnchorRules, calledRules, deepest, evaluates, resolveCall } from "./Anchor.ts"
import { classesOn, type Groups, type PacketClass, type Share, shareOf } from "./PacketClass.ts"
import type { PfRule } from "./Rule.ts"

/** The rules of a host, and what their evaluation depends on. */
export interface LoadedRules {
  readonly filter: ReadonlyArray<PfRule>
  /** nat, rdr and binat rules, which FreeBSD evaluates first. */
  readonly translation: ReadonlyArray<PfRule>
  readonly anchors: AnchorRules
  readonly translationAnchors: AnchorRules
  readonly groups: Groups
  /** The interface that pfasciilogd captures from. */
  readonly logInterface: string
}

/** The anchor that fail2ban's action for a jail loads its rules into (`f2b/JAIL`), with these rules: none before they are loaded. */
export interface BanAnchor {
  readonly path: string
  readonly rules: ReadonlyArray<PfRule>
}

/** What pf does with the packets of one class that a banned host sends. */
export interface PacketFate {
  readonly packets: PacketClass
  /** Whether they miss the call that would drop them: it is for other packets, or an earlier rule ends the evaluation. */
  readonly isMissed: boolean
  /** How much of the class the rules of fail2ban itself drop. */
  readonly banned: Share
  /** Rules that let them through. */
  readonly leaks: ReadonlyArray<PfRule>
  /** Rules that block and log them although the host is banned. */
  readonly noise: ReadonlyArray<PfRule>
}

/** Takes a rule that matches a share of a class, which may be none; returns whether the evaluation ends with this rule. */
type Step = (rule: PfRule, share: Share, within: string) => boolean

/** Evaluates rules as pf does: in order, anchors in the place of their calls, until a quick one matches all. */
const walk = (
  rules: ReadonlyArray<PfRule>,
  { anchors, groups }: Pick<LoadedRules, "anchors" | "groups">,
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

/** Whether packets of a class may be blocked and logged in the end: then a host that sends them can get banned. */
const isLogged = (rules: LoadedRules, packets: PacketClass): boolean => {
  const logged = new Set<PfRule>()
  const finals = new Set<PfRule>()
  // Without quick, the last rule that matches decides.
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

/** The interfaces that rules name, without those of the loopback and of the log, on which no stranger's packet comes in. */
const namedInterfaces = (rules: LoadedRules): ReadonlyArray<string> => {
  const all = [...rules.filter, ...rules.anchors.values()].flat()
  const named = (list: ReadonlyArray<PfRule>): ReadonlyArray<string> =>
    list.flatMap(({ on, inside }) => [...(on === undefined ? [] : [on.name]), ...named(inside ?? [])])
  return [...new Set(named(all))].filter((name) => !/^(lo|pflog|enc)\d*$/.test(name))
}

/** The classes that a ban has to stop: all protocols where one of them can lead to a ban. */
export const classesToStop = (rules: LoadedRules): ReadonlyArray<PacketClass> =>
  [undefined, ...namedInterfaces(rules)].flatMap((on) =>
    (["inet", "inet6"] as const).flatMap((family) => {
      const classes = classesOn(on).filter((packets) => packets.family === family)
      return classes.some((packets) => isLogged(rules, packets)) ? classes : []
    })
  )

/** How much of a class the rules of a jail drop; rules that are not loaded yet count as those of the shipped jail, which drop all. */
const bannedShare = ({ rules }: BanAnchor, packets: PacketClass, groups: Groups): Share => {
  const blocking = rules.filter(({ action }) => action === "block")
  if (blocking.length === 0) return "all"
  const shares = blocking.map((rule) => shareOf(rule, packets, groups))
  return shares.includes("all") ? "all" : shares.includes("some") ? "some" : "none"
}

/** Finds out what pf does with the packets of one class that a banned host sends. */
export const fateOf = (rules: LoadedRules, ban: BanAnchor, packets: PacketClass): PacketFate => {
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
    // A rule about certain hosts is the administrator's decision about them: to let them in always, or never.
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

/** The `rdr pass` rules that let packets of a class skip the filter rules, whatever their source. */
export const filterSkips = (rules: LoadedRules, packets: PacketClass): ReadonlyArray<PfRule> => {
  const skips: Array<PfRule> = []
  walk(rules.translation, { ...rules, anchors: rules.translationAnchors }, packets, (rule, share) => {
    if (share === "none") return false
    if (rule.action !== "rdr" && rule.action !== "binat") return false
    if (rule.source !== "some" && rule.skipsFilter && !rule.isException) skips.push(rule)
    // The first translation that matches applies.
    return share === "all" && rule.source === "any"
  })
  return skips
}
