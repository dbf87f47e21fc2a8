import * as Effect from "effect/Effect"
import type { Configuration } from "../config/Configuration.ts"
import { ask, lastLineOf } from "../host/Program.ts"
import type { Jails } from "./Fail2banJails.ts"
import { type Finding, failed, good, skipped } from "./Finding.ts"
import { readBanAnchor, readRules } from "./pf/Pfctl.ts"
import { ruleFindings } from "./pf/RuleCheck.ts"

/** Whether pf is enabled, logs something to our interface, and blocks the hosts that fail2ban bans. */
export const checkPf = (
  { capture, log, scan }: Configuration,
  readJails: Effect.Effect<Jails>
): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const info = yield* ask("pfctl", ["-s", "info"])
    if (info._tag === "Missing") return [skipped("pf", "this host has no pfctl")]
    if (info._tag === "Unanswered") return [skipped("pf", "pfctl does not answer")]
    if (info.status !== 0) return [pfctlFailure(lastLineOf(info.stderr))]

    const rules = yield* readRules(capture.interface)
    const anchors = anchorsOf(yield* readJails, [log.file, scan.file])
    return [
      /^Status: Enabled\b/m.test(info.stdout)
        ? good("pf", "it is enabled")
        : failed("pf", "it is disabled: nothing is blocked or logged", "sysrc pf_enable=YES && service pf start"),
      ...(rules === undefined
        ? [skipped("pf rules", "pfctl -sr does not list them")]
        : ruleFindings(rules, yield* Effect.forEach(anchors, readBanAnchor)))
    ]
  })

/** The anchors that get the bans of the jails that read our logs; that of the shipped jail where no jail reads one. */
const anchorsOf = (jails: Jails, files: ReadonlyArray<string>): ReadonlyArray<string> => {
  const following =
    jails._tag === "Jails" ? jails.jails.filter(({ logs }) => logs.some((log) => files.includes(log))) : []
  const anchors = following.flatMap(({ pf }) => (pf === undefined ? [] : [pf.anchor]))
  return anchors.length === 0 ? ["f2b/pfasciilogd"] : [...new Set(anchors)]
}

/** Why pfctl fails: without pf's module its device does not exist, and nothing is blocked or logged. */
const pfctlFailure = (why: string): Finding => {
  if (/\/dev\/pf: (No such file|Device not configured|No such device)/i.test(why)) {
    return failed(
      "pf",
      `pf is not loaded (${why}): nothing is blocked or logged`,
      "sysrc pf_enable=YES && service pf start (by hand: kldload pf; pfctl -e -f /etc/pf.conf)"
    )
  }
  const remedy = /permi(ssion|tted)/i.test(why) ? "; run this as root" : ""
  return skipped("pf", `pfctl fails: ${why}${remedy}`)
}
