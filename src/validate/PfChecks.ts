import * as Effect from "effect/Effect"
import type { Configuration } from "../config/Configuration.ts"
import { ask, lastWords } from "../host/Program.ts"
import { type Finding, failed, good, skipped, warning } from "./Finding.ts"

/** Whether pf is enabled, logs something to our interface, and blocks whom fail2ban bans. */
export const checkPf = ({ capture }: Configuration): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const info = yield* ask("pfctl", ["-s", "info"])
    if (info._tag === "Missing") return [skipped("pf", "this host has no pfctl")]
    if (info._tag === "Unanswered") return [skipped("pf", "pfctl doesn't answer")]
    if (info.status !== 0) return [silentPf(lastWords(info.stderr))]

    const rules = yield* ask("pfctl", ["-sr"])
    return [
      /^Status: Enabled\b/m.test(info.stdout)
        ? good("pf", "it is enabled")
        : failed("pf", "it is disabled: nothing is blocked or logged", "sysrc pf_enable=YES && service pf start"),
      ...(rules._tag === "Ended" && rules.status === 0
        ? rulesFindings(parseRules(rules.stdout), capture.interface)
        : [skipped("pf rules", "pfctl -sr doesn't tell them")])
    ]
  })

/** Why pfctl doesn't tell: without the module there is no device to ask, and nothing is blocked or logged. */
const silentPf = (words: string): Finding => {
  if (/\/dev\/pf: (No such file|Device not configured|No such device)/i.test(words)) {
    return failed(
      "pf",
      `pf is not loaded (${words}): nothing is blocked or logged`,
      "sysrc pf_enable=YES && service pf start (by hand: kldload pf; pfctl -e -f /etc/pf.conf)"
    )
  }
  const remedy = /permi(ssion|tted)/i.test(words) ? "; run this as root" : ""
  return skipped("pf", `pfctl doesn't tell: ${words}${remedy}`)
}

/** What matters here of one line of `pfctl -sr`. */
interface Rule {
  readonly text: string
  readonly blocks: boolean
  /** The interface that it logs to, where it logs. */
  readonly logsTo: string | undefined
  /** The anchor's name, where the line is one. */
  readonly anchor: string | undefined
}

// block return-rst(ttl 64) in log (all, to pflog1) quick on vtnet0 …
const rulePattern =
  /^(?:@\d+ )?(?<action>block|pass|match|scrub)(?: drop| return(?:-rst|-icmp6?)?(?:\s?\([^)]*\))?)?(?: in| out)?(?<log> log\b(?: \((?<options>[^)]*)\))?)?/
const anchorPattern = /^(?:@\d+ )?anchor "(?<name>[^"]*)"/

const parseRules = (text: string): ReadonlyArray<Rule> =>
  text
    .split("\n")
    .map((line) => line.trim())
    .flatMap((line): ReadonlyArray<Rule> => {
      const anchor = anchorPattern.exec(line)?.groups?.["name"]
      if (anchor !== undefined) return [{ text: line, blocks: false, logsTo: undefined, anchor }]
      const groups = rulePattern.exec(line)?.groups
      if (groups === undefined) return []
      const logsTo =
        groups["log"] === undefined ? undefined : (/\bto (\S+?)(?:,|$)/.exec(groups["options"] ?? "")?.[1] ?? "pflog0")
      return [{ text: line, blocks: groups["action"] === "block", logsTo, anchor: undefined }]
    })

const rulesFindings = (rules: ReadonlyArray<Rule>, interfaceName: string): ReadonlyArray<Finding> => {
  const firstLogging = rules.findIndex((rule) => rule.blocks && rule.logsTo === interfaceName)
  return [loggingFinding(rules, interfaceName), anchorFinding(rules, firstLogging)]
}

const loggingFinding = (rules: ReadonlyArray<Rule>, interfaceName: string): Finding => {
  const logging = rules.filter((rule) => rule.logsTo === interfaceName)
  const remedy = `Add "log" to the rules that block, such as "block in log all", then: pfctl -f /etc/pf.conf`
  if (logging.some((rule) => rule.blocks)) {
    return good("pf log", `${logging.length} ${logging.length === 1 ? "rule logs" : "rules log"} to ${interfaceName}`)
  }
  if (logging.length > 0)
    return warning("pf log", `rules that pass log to ${interfaceName}, but none that blocks`, remedy)
  const elsewhere = rules.find((rule) => rule.logsTo !== undefined)?.logsTo
  return elsewhere === undefined
    ? failed("pf log", "no rule logs: there is nothing to capture", remedy)
    : failed("pf log", `rules log to ${elsewhere} only`, `Set capture.interface (--interface) to "${elsewhere}".`)
}

const anchorFinding = (rules: ReadonlyArray<Rule>, firstLogging: number): Finding => {
  const line = 'anchor "f2b/*"'
  const position = rules.findIndex(({ anchor }) => anchor !== undefined && /^f2b(\/|$)/.test(anchor))
  if (position < 0) {
    return failed(
      "pf anchor",
      `${line} is missing: fail2ban's bans block nothing`,
      `Add ${line} to /etc/pf.conf before the first rule that blocks and logs, then: pfctl -f /etc/pf.conf`
    )
  }
  if (firstLogging >= 0 && firstLogging < position) {
    return failed(
      "pf anchor",
      `${line} stands after a rule that blocks and logs (${rules[firstLogging]?.text ?? ""}): banned hosts go on filling the log`,
      `Move ${line} in /etc/pf.conf before that rule, then: pfctl -f /etc/pf.conf`
    )
  }
  return good("pf anchor", `${line} stands before the first rule that blocks and logs`)
}
