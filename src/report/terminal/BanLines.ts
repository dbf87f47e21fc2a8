import type { Report } from "../model/Report.ts"
import { number } from "../model/Units.ts"
import { banWords, instability } from "../model/Words.ts"
import type { TerminalStyle } from "./Drawing.ts"
import { othersLine, time } from "./Lines.ts"
import { textTable, wrapped } from "./TextTable.ts"

/** What each rule did. */
export const ruleLines = ({ rules }: Report, most: number): ReadonlyArray<string> => [
  ...textTable(
    [
      { title: "rule", of: ({ rule }) => rule, most: 28 },
      { title: "packets", of: ({ packets }) => number(packets), numeric: true },
      { title: "actions", of: ({ actions }) => actions, most: 24 },
      { title: "now", of: ({ now }) => now ?? "" }
    ],
    rules.rows.slice(0, most)
  ),
  ...othersLine(rules.rows, rules.others, most),
  ...(rules.hasNumbers ? wrapped(instability, "  ") : [])
]

/** Whom the jail would ban, and whom fail2ban banned. */
export const banLines = ({ bans }: Report, most: number, style: TerminalStyle): ReadonlyArray<string> => [
  ...banWords(bans).flatMap((text) => wrapped(text, "  ")),
  ...(bans.rows.length === 0
    ? []
    : textTable(
        [
          { title: "host", of: ({ host }) => host, most: 39 },
          { title: "banned at", of: ({ at }) => time(at) },
          { title: "until", of: ({ until }) => (until === undefined ? "for ever" : time(until)) },
          { title: "kept out", of: ({ prevented }) => number(prevented), numeric: true },
          { title: "worry", of: ({ roles }) => roles }
        ],
        bans.rows.slice(0, most)
      ).map((line, index) => (bans.rows[index - 1]?.roles ? style.bad(line) : line))),
  ...(bans.total > most ? [`  and ${number(bans.total - most)} more`] : [])
]

/** Addresses that must never be banned, and were seen. */
export const neverBanLines = ({ neverBan }: Report, most: number): ReadonlyArray<string> =>
  neverBan.rows.length === 0
    ? ["  No packet came from such an address."]
    : [
        ...textTable(
          [
            { title: "address", of: ({ address }) => address, most: 39 },
            { title: "packets", of: ({ packets }) => number(packets), numeric: true },
            { title: "blocked", of: ({ blocked }) => number(blocked), numeric: true },
            { title: "ban", of: ({ bans }) => (bans === 0 ? "" : `${bans}x`) },
            { title: "why", of: ({ why }) => why }
          ],
          neverBan.rows.slice(0, most)
        ),
        ...othersLine(neverBan.rows, neverBan.others, most)
      ]
