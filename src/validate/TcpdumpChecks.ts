import { isAbsolute } from "node:path"
import * as Effect from "effect/Effect"
import { type TriedCommand, tryCommand } from "../capture/TcpdumpUsage.ts"
import type { Configuration } from "../config/Configuration.ts"
import { type Answer, ask, lastLineOf } from "../host/Program.ts"
import { installTcpdump } from "../host/System.ts"
import { type Finding, failed, good, skipped, warning } from "./Finding.ts"

type CaptureSettings = Configuration["capture"]

/** Whether tcpdump exists, and which version it is. */
export const checkTcpdump = ({ tcpdump }: CaptureSettings): Effect.Effect<Finding> =>
  Effect.map(ask(tcpdump, ["--version"]), (answer) => {
    if (answer._tag === "Missing") {
      return failed(
        "tcpdump",
        isAbsolute(tcpdump) ? `${tcpdump} does not exist or may not be executed` : `${tcpdump} is not on PATH`,
        `Install it (${installTcpdump(process.platform)}), or set capture.tcpdump (--tcpdump) to its path.`
      )
    }
    const version = answer._tag === "Ended" ? versionIn(`${answer.stdout}\n${answer.stderr}`) : undefined
    return version === undefined
      ? warning("tcpdump", `${tcpdump} does not report its version`, "Set capture.tcpdump to tcpdump.org's tcpdump.")
      : good("tcpdump", `${tcpdump} ${version}`)
  })

// 4.x prints it on stdout, 3.x on stderr, after its path or its name; OpenBSD's tcpdump does not know --version.
const versionIn = (text: string): string | undefined =>
  /\btcpdump version (\S+)/.exec(text)?.[1] ??
  (/^usage: (?:\S*\/)?tcpdump \[/im.test(text) ? "of OpenBSD, without a version" : undefined)

/** Whether the user that tcpdump becomes exists. */
export const checkUser = ({ user, read }: CaptureSettings): Effect.Effect<Finding> => {
  if (read.length > 0) return Effect.succeed(skipped("user", "saved captures are read without becoming another user"))
  if (user === "") {
    return Effect.succeed(
      warning("user", "tcpdump keeps running as root", 'Set capture.user to an unprivileged user, such as "nobody".')
    )
  }
  if (process.getuid?.() !== 0) return Effect.succeed(skipped("user", "only root can become another user"))
  return Effect.map(ask("id", ["-u", user]), (answer) =>
    answer._tag === "Ended" && answer.status === 0
      ? good("user", `tcpdump becomes ${user} once the interface is open`)
      : failed(
          "user",
          `the user ${user} does not exist`,
          'Set capture.user (--user) to one that does, such as "nobody".'
        )
  )
}

/** Tries the command line of `run` on the interface, without capturing. */
export const tryRun = (capture: CaptureSettings): Effect.Effect<TriedCommand> =>
  tryCommand(capture, { _tag: "Interface", name: capture.interface }, process.getuid?.() === 0)

const refusal = /^usage: |(?:invalid|illegal|unknown|unrecognized) option/im

/** Whether tcpdump accepts the command line that `run` starts it with: otherwise every start fails. */
export const checkCommandLine = (
  { tcpdump, read }: CaptureSettings,
  trial: Effect.Effect<TriedCommand>
): Effect.Effect<ReadonlyArray<Finding>> => {
  if (read.length > 0) return Effect.succeed([])
  return Effect.map(trial, (tried) => {
    const { answer, refused } = tried
    // The checks of tcpdump and of the interface report a tcpdump that is missing or does not answer.
    if (answer._tag !== "Ended") return []
    const line = [tcpdump, ...tried.arguments].join(" ")
    if (answer.status !== 0 && refusal.test(answer.stderr)) {
      const [why = ""] = answer.stderr.trim().split("\n")
      const remedy = "Set capture.tcpdump (--tcpdump) to the system's tcpdump, or to one of tcpdump.org."
      return [failed("command line", `tcpdump refuses the command line of run (${line}): ${why}`, remedy)]
    }
    const without = refused.size === 0 ? "" : `, without ${[...refused].join(", ")}, which it does not know`
    return [good("command line", `${line}${without}`)]
  })
}

/** Whether the interface exists and can be opened. */
export const checkInterface = (
  { interface: name, read }: CaptureSettings,
  trial: Effect.Effect<TriedCommand>
): Effect.Effect<Finding> => {
  if (read.length > 0) return Effect.succeed(skipped("interface", `saved captures are read: ${read.join(", ")}`))
  return Effect.map(trial, ({ answer }) => interfaceFinding(name, answer))
}

const interfaceFinding = (name: string, answer: Answer): Finding => {
  if (answer._tag === "Missing") return skipped("interface", "it cannot be checked without tcpdump")
  if (answer._tag === "Unanswered") {
    return warning("interface", `tcpdump -i ${name} -d does not end`, "Set capture.tcpdump to tcpdump.org's tcpdump.")
  }
  if (answer.status === 0) return good("interface", `${name} can be opened`)
  if (refusal.test(answer.stderr)) return skipped("interface", "the command line has to be right first")
  if (/syntax error|illegal token|unknown host|expression/i.test(answer.stderr)) {
    return skipped("interface", "the expression has to be right first")
  }
  if (/No such device|doesn't exist|not configured|No such file/i.test(answer.stderr)) {
    return failed(
      "interface",
      `${name} does not exist`,
      `Enable pf's log: sysrc pflog_enable=YES && service pflog start (by hand: kldload pflog; ifconfig ${name} create up).`
    )
  }
  if (/permission|not permitted/i.test(answer.stderr)) {
    return failed(
      "interface",
      `this user is not permitted to open ${name}`,
      "Run it as root, or let its user read /dev/bpf* (devfs.rules(5))."
    )
  }
  return failed(
    "interface",
    `tcpdump cannot open ${name}: ${lastLineOf(answer.stderr)}`,
    `Run "tcpdump -i ${name}" by hand to see what is missing.`
  )
}

// The header of an empty capture (pcap, little-endian, link type 117: PFLOG). To compile an expression for it, tcpdump needs neither
// an interface nor permissions.
const emptyCapture = Uint8Array.of(
  ...[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 117, 0, 0, 0]
)

/** Whether the expression compiles for packets of pf's log. */
export const checkExpression = ({ tcpdump, expression }: CaptureSettings): Effect.Effect<Finding> => {
  if (expression === "") return Effect.succeed(good("expression", "none: every logged packet is captured"))
  return Effect.map(ask(tcpdump, ["-r", "-", "-d", "--", expression], { input: emptyCapture }), (answer) => {
    if (answer._tag !== "Ended") return skipped("expression", "it cannot be checked: tcpdump does not answer")
    return answer.status === 0
      ? good("expression", `"${expression}" compiles`)
      : failed(
          "expression",
          `"${expression}" does not compile: ${lastLineOf(answer.stderr)}`,
          "Correct capture.expression (--expression) after pcap-filter(7)."
        )
  })
}
