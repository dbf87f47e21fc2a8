import * as Effect from "effect/Effect"
import { readClientDump } from "../fail2ban/client/ClientDump.ts"
import { JailOptions, jailNames } from "../fail2ban/client/JailOptions.ts"
import type { FilterDefinition } from "../fail2ban/filter/FilterFile.ts"

/** An enabled jail of fail2ban, with all that its configuration comes to. */
export interface Jail {
  readonly name: string
  readonly logs: ReadonlyArray<string>
  readonly filter: FilterDefinition
  readonly ignoreip: ReadonlyArray<string>
  /** Where its action puts bans into pf; none where no action of the jail is one of pf. */
  readonly pf: { readonly anchor: string; readonly table: string } | undefined
}

/** What fail2ban's own reader makes of its configuration. */
export type Jails =
  | { readonly _tag: "Jails"; readonly jails: ReadonlyArray<Jail>; readonly withoutLog: ReadonlyArray<string> }
  /** fail2ban refuses its own configuration, and does not start with it. */
  | { readonly _tag: "Refused"; readonly why: string }
  | { readonly _tag: "Unknown"; readonly why: string }

/** Asks fail2ban for its enabled jails. */
export const readJails: Effect.Effect<Jails> = readClientDump().pipe(
  Effect.map(
    ({ commands, withoutLog }): Jails => ({
      _tag: "Jails",
      jails: jailNames(commands).map((name) => jailOf(new JailOptions(commands, name))),
      withoutLog
    })
  ),
  Effect.catchAll(({ reason, why }) =>
    Effect.succeed<Jails>({ _tag: reason === "refused" ? "Refused" : "Unknown", why })
  )
)

const jailOf = (options: JailOptions): Jail => ({
  name: options.jail,
  logs: options.logs,
  filter: options.filter,
  ignoreip: options.ignoreip,
  pf: pfOf(options)
})

// The action's commands come with all but the address filled in: pfctl -a f2b/pfasciilogd -t f2b-pfasciilogd -T add <ip>
const banning = /pfctl\s+-a\s+"?([^\s"]+)"?\s+-t\s+"?([^\s"]+)"?\s+-T\s+add/

const pfOf = (options: JailOptions): Jail["pf"] => {
  const texts = options
    .values("action")
    .flat(2)
    .filter((value) => typeof value === "string")
  const [, anchor, table] = texts.map((text) => banning.exec(text)).find((match) => match !== null) ?? []
  return anchor === undefined || table === undefined ? undefined : { anchor, table }
}
