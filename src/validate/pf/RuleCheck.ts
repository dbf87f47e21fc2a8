import { type Finding, failed, good, warning } from "../Finding.ts"
import { flatten } from "./Anchor.ts"
import { anchorFindings } from "./AnchorCheck.ts"
import { type BanAnchor, classesToStop, filterSkips, type LoadedRules } from "./Evaluation.ts"
import { classesOn, type PacketClass } from "./PacketClass.ts"
import { reload, rulesText, unique } from "./RuleText.ts"

/** Whether the rules log something that can lead to a ban, and drop the hosts that the jails have banned. */
export const ruleFindings = (rules: LoadedRules, bans: ReadonlyArray<BanAnchor>): ReadonlyArray<Finding> => {
  const found = classesToStop(rules)
  const classes = found.length > 0 ? found : classesOn(undefined)
  return [
    loggingFinding(rules),
    ...bans.flatMap((ban) => anchorFindings(rules, ban, classes, found.length > 0)),
    ...translationFindings(rules, classes)
  ]
}

const loggingFinding = (rules: LoadedRules): Finding => {
  const all = flatten(rules.filter, rules.anchors).map(({ rule }) => rule)
  const { logInterface } = rules
  const remedy = `Add "log" to the rules that block, such as "block in log all", ${reload}`
  const logging = all.filter(({ log }) => log !== undefined)
  const here = logging.filter(({ log }) => log?.to === logInterface)
  if (logging.length === 0) return failed("pf log", "no rule logs: there is nothing to capture", remedy)
  if (here.length === 0) {
    const elsewhere = logging[0]?.log?.to ?? ""
    const advice = `Set capture.interface (--interface) to "${elsewhere}".`
    return failed("pf log", `rules log to ${elsewhere} only`, advice)
  }
  const firstForAll = all.findIndex(({ log }) => log?.to === logInterface && log.matches)
  const blocking = all.filter(
    ({ action, log }, index) =>
      action === "block" && (log?.to === logInterface || (firstForAll >= 0 && index > firstForAll))
  )
  if (blocking.length === 0) {
    return warning("pf log", `rules that pass log to ${logInterface}, but no rule that blocks does`, remedy)
  }
  if (blocking.every(({ direction }) => direction === "out")) {
    const what = `only rules that block outgoing packets log to ${logInterface}: nobody gets banned for those`
    return warning("pf log", what, remedy)
  }
  return good("pf log", `${here.length} ${here.length === 1 ? "rule logs" : "rules log"} to ${logInterface}`)
}

const translationFindings = (rules: LoadedRules, classes: ReadonlyArray<PacketClass>): ReadonlyArray<Finding> => {
  const skips = unique(classes.flatMap((packets) => filterSkips(rules, packets)))
  if (skips.length === 0) return []
  const what = skips.length === 1 ? "which skips" : "which skip"
  return [
    failed(
      "pf rdr",
      `banned hosts get in through ${rulesText(skips)}, ${what} the filter rules, anchors included`,
      `Write "rdr" without "pass", and add a rule that passes those packets after anchor "f2b/*", ${reload}`
    )
  ]
}
