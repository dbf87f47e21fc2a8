import * as Effect from "effect/Effect"
import type { Configuration } from "../config/Configuration.ts"
import { ask, lastWords } from "../host/Program.ts"
import type { Jails } from "./Fail2banJails.ts"
import { type Finding, failed, good, skipped } from "./Finding.ts"
import { readBanAnchor, readRules } from "./pf/Pfctl.ts"
import { judgeRules } from "./pf/RuleCheck.ts"

/** Whether pf is enabled, logs something to our interface, and blocks whom fail2ban bans. */
export const checkPf = (
  { capture, log }: Configuration,
  readJails: Effect.Effect<Jails>
): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const info = yield* ask("pfctl", ["-s", "info"])
    if (info._tag === "Missing") return [skipped("pf", "this host has no pfctl")]
    if (info._tag === "Unanswered") return [skipped("pf", "pfctl doesn't answer")]
    if (info.status !== 0) return [silentPf(lastWords(info.stderr))]

    const rules = yield* readRules(capture.interface)
    const anchors = anchorsOf(yield* readJails, log.file)
    return [
      /^Status: Enabled\b/m.test(info.stdout)
        ? good("pf", "it is enabled")
        : failed("pf", "it is disabled: nothing is blocked or logged", "sysrc pf_enable=YES && service pf start"),
      ...(rules === undefined
        ? [skipped("pf rules", "pfctl -sr doesn't tell them")]
        : judgeRules(rules, yield* Effect.forEach(anchors, readBanAnchor)))
    ]
  })

/** Where the bans of the jails go that read the log; where none does, where that of the shipped jail would. */
const anchorsOf = (jails: Jails, log: string): ReadonlyArray<string> => {
  const reading = jails._tag === "Jails" ? jails.jails.filter(({ logs }) => logs.includes(log)) : []
  const anchors = reading.flatMap(({ pf }) => (pf === undefined ? [] : [pf.anchor]))
  return anchors.length === 0 ? ["f2b/pfasciilogd"] : [...new Set(anchors)]
}

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
