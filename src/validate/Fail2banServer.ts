import * as Effect from "effect/Effect"
import { type Answer, ask, lastWords } from "../host/Program.ts"

/** What the running server says about a jail: what counts, whatever the files say by now. */
export type ServerJail =
  | { readonly _tag: "Running"; readonly ignoreip: ReadonlyArray<string> }
  /** The server doesn't run, or hasn't started this jail. */
  | { readonly _tag: "Stopped"; readonly why: string }
  /** We may not ask, or it doesn't answer. */
  | { readonly _tag: "Unknown"; readonly why: string }

/** Asks the server whom a jail ignores. */
export const askServer = (jail: string): Effect.Effect<ServerJail> =>
  Effect.map(ask("fail2ban-client", ["get", jail, "ignoreip"]), (answer): ServerJail => {
    if (answer._tag !== "Ended") return { _tag: "Unknown", why: "fail2ban-client doesn't answer" }
    if (answer.status === 0) return { _tag: "Running", ignoreip: listed(answer.stdout) }
    const words = `${answer.stdout}\n${answer.stderr}`
    if (/permission/i.test(words)) return { _tag: "Unknown", why: "only root may ask fail2ban's server" }
    if (/Is fail2ban running/i.test(words)) return { _tag: "Stopped", why: "fail2ban's server doesn't run" }
    if (/does not exist/i.test(words)) {
      return { _tag: "Stopped", why: `fail2ban's server runs without the jail ${jail}` }
    }
    return { _tag: "Unknown", why: `fail2ban's server doesn't tell: ${lastWords(words) || "it says nothing"}` }
  })

// "These IP addresses/networks are ignored:", then "|- 192.0.2.0/24" each and "`- ::1" last.
const listed = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^[|`]- (\S+)$/gm)].map(([, entry = ""]) => entry)

const words = (answer: Answer): ReadonlyArray<string> | undefined =>
  answer._tag === "Ended" && answer.status === 0 ? answer.stdout.split(/\s+/).filter((word) => word !== "") : undefined

/** The hosts that the server holds for banned in a jail; nothing where it doesn't tell. */
export const bannedHosts = (jail: string): Effect.Effect<ReadonlyArray<string> | undefined> =>
  Effect.map(ask("fail2ban-client", ["get", jail, "banip"]), words)

/** The hosts in a table of pf; nothing where pfctl doesn't tell, and none where the table doesn't exist. */
export const tableHosts = (anchor: string, table: string): Effect.Effect<ReadonlyArray<string> | undefined> =>
  Effect.map(ask("pfctl", ["-a", anchor, "-t", table, "-T", "show"]), (answer) => {
    const isMissing = answer._tag === "Ended" && /table does not exist|anchor does not exist/i.test(answer.stderr)
    return isMissing ? [] : words(answer)
  })
