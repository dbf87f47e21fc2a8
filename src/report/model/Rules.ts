import type { PfLogEntry } from "../../decode/PfLogEntry.ts"
import type { Report, RuleRow } from "./Report.ts"
import type { RuleTexts } from "./RuleTexts.ts"
import { topList } from "./TopList.ts"
import { type Counted, TopTable } from "./TopTable.ts"
import { visible, visibleUnicode } from "./Visible.ts"

interface RuleState extends Counted {
  identifier: number | undefined
  number: number | undefined
  readonly actions: Map<string, number>
}

const mostRules = 2000
const mostActions = 8

/** Counts what each rule did: by its `ridentifier` where it has one, by its number otherwise. */
export class Rules {
  private readonly table = new TopTable(
    mostRules,
    (_, mayMiss): RuleState => ({ packets: 0, mayMiss, identifier: undefined, number: undefined, actions: new Map() })
  )

  /** The last packet's rule: most packets are of the same as the one before. */
  private last:
    | (Pick<PfLogEntry, "rule" | "ruleset" | "subrule" | "ridentifier"> & { readonly state: RuleState })
    | undefined

  add(entry: PfLogEntry): void {
    const state = this.stateOf(entry)
    state.packets += 1
    const known = state.actions.get(entry.action)
    if (known !== undefined || state.actions.size < mostActions) state.actions.set(entry.action, (known ?? 0) + 1)
  }

  /** The state of a packet's rule. */
  private stateOf(entry: PfLogEntry): RuleState {
    const { last } = this
    const { ridentifier, rule, ruleset, subrule } = entry
    if (
      last !== undefined &&
      last.rule === rule &&
      last.ruleset === ruleset &&
      last.subrule === subrule &&
      last.ridentifier === ridentifier
    )
      return last.state
    const hasIdentifier = ridentifier !== undefined && ridentifier !== 0
    const state = this.table.of(hasIdentifier ? `ridentifier ${ridentifier}` : numberOf(entry))
    if (hasIdentifier) state.identifier = ridentifier
    else if (ruleset === undefined) state.number = rule
    this.last = { rule, ruleset, subrule, ridentifier, state }
    return state
  }

  finish(texts: RuleTexts | undefined, most: number): Report["rules"] {
    const list = topList(this.table, most, (key, state): RuleRow => {
      const stable = state.identifier !== undefined
      const now = stable
        ? texts?.byIdentifier.get(state.identifier ?? 0)
        : texts?.byNumber.get(state.number ?? Number.NaN)
      return {
        rule: visible(key),
        stable,
        actions: visible([...state.actions].map(([action, count]) => `${count} ${action}`).join(", ")),
        packets: state.packets,
        now: now === undefined ? undefined : visibleUnicode(now, 120)
      }
    })
    return { ...list, hasNumbers: list.rows.some(({ stable }) => !stable) }
  }
}

/** `3`, in an anchor `3.ruleset.7`. */
const numberOf = ({ rule, ruleset, subrule }: PfLogEntry): string => {
  const number = rule === undefined ? "default" : String(rule)
  return ruleset === undefined ? number : `${number}.${ruleset}.${subrule ?? ""}`
}
