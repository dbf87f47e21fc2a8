import * as Effect from "effect/Effect"
import { type Answer, ask, lastLineOf } from "../host/Program.ts"

/** What the running server has loaded for a jail. It counts until a reload, whatever the files say by now. */
export type ServerJail =
  | { readonly _tag: "Running"; readonly ignoreip: ReadonlyArray<string> }
  /** The server is not running, or has not started this jail. */
  | { readonly _tag: "Stopped"; readonly why: string }
  /** We are not permitted to ask, or the server does not answer. */
  | { readonly _tag: "Unknown"; readonly why: string }

/** Asks the server which hosts a jail ignores. */
export const askServer = (jail: string): Effect.Effect<ServerJail> =>
  Effect.map(ask("fail2ban-client", ["get", jail, "ignoreip"]), (answer): ServerJail => {
    if (answer._tag !== "Ended") return { _tag: "Unknown", why: "fail2ban-client does not answer" }
    if (answer.status === 0) return { _tag: "Running", ignoreip: entriesIn(answer.stdout) }
    const output = `${answer.stdout}\n${answer.stderr}`
    if (/permission/i.test(output)) return { _tag: "Unknown", why: "only root may ask fail2ban's server" }
    if (/Is fail2ban running/i.test(output)) return { _tag: "Stopped", why: "fail2ban's server is not running" }
    if (/does not exist/i.test(output)) {
      return { _tag: "Stopped", why: `fail2ban's server is running without the jail ${jail}` }
    }
    return {
      _tag: "Unknown",
      why: `fail2ban's server does not list them: ${lastLineOf(output) || "it prints nothing"}`
    }
  })

// "These IP addresses/networks are ignored:", then "|- 192.0.2.0/24" each and "`- ::1" last.
const entriesIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^[|`]- (\S+)$/gm)].map(([, entry = ""]) => entry)

const wordsOf = (answer: Answer): ReadonlyArray<string> | undefined =>
  answer._tag === "Ended" && answer.status === 0 ? answer.stdout.split(/\s+/).filter((word) => word !== "") : undefined

/** The hosts that the server has banned in a jail; nothing where it does not answer. */
export const bannedHosts = (jail: string): Effect.Effect<ReadonlyArray<string> | undefined> =>
  Effect.map(ask("fail2ban-client", ["get", jail, "banip"]), wordsOf)

/** The hosts in a table of pf: none where the table does not exist, nothing where pfctl does not answer. */
export const tableHosts = (anchor: string, table: string): Effect.Effect<ReadonlyArray<string> | undefined> =>
  Effect.map(ask("pfctl", ["-a", anchor, "-t", table, "-T", "show"]), (answer) => {
    const isMissing = answer._tag === "Ended" && /table does not exist|anchor does not exist/i.test(answer.stderr)
    return isMissing ? [] : wordsOf(answer)
  })
