import type { Report } from "../model/Report.ts"
import { counted, number } from "../model/Units.ts"
import { banWords, instability } from "../model/Words.ts"
import { html, type Markup } from "./Markup.ts"
import { section, time } from "./Sections.ts"
import { othersText, table } from "./Table.ts"

export const rulesSection = ({ rules }: Report): Markup =>
  section(
    "7. Rules",
    html`${rules.hasNumbers ? html`<p class="soft">${instability}</p>` : undefined}${table(
      "Rules by packets",
      [
        { title: "Rule", of: ({ rule }) => rule },
        { title: "Packets", of: ({ packets }) => number(packets), kind: "number" },
        { title: "Actions", of: ({ actions }) => actions },
        { title: "This rule now", of: ({ now }) => now ?? "-", kind: "long" }
      ],
      rules.rows,
      othersText(rules.others)
    )}`
  )

export const bansSection = ({ bans }: Report): Markup =>
  section(
    "8. Bans",
    html`${banWords(bans).map((text) => html`<p>${text}</p>`)}${
      bans.rows.length === 0
        ? undefined
        : table(
            `What jail ${bans.jail} would ban, replayed over these logs`,
            [
              { title: "Host", of: ({ host }) => host },
              { title: "Banned at", of: ({ at }) => time(at) },
              { title: "Until", of: ({ until }) => (until === undefined ? "for ever" : time(until)) },
              { title: "Packets", of: ({ packets }) => number(packets), kind: "number" },
              { title: "Kept out", of: ({ prevented }) => number(prevented), kind: "number" },
              {
                title: "Worry",
                of: ({ roles }) => (roles === "" ? "" : html`<span class="bad">${roles}</span>`),
                kind: "long"
              }
            ],
            bans.rows,
            bans.total > bans.rows.length ? `${number(bans.total - bans.rows.length)} more are not listed` : undefined
          )
    }${
      bans.real === undefined || bans.real.hosts.rows.length === 0
        ? undefined
        : table(
            `Bans in ${bans.real.file}`,
            [
              { title: "Host", of: ({ host }) => host },
              { title: "Bans", of: ({ packets }) => number(packets), kind: "number" },
              { title: "Last", of: ({ last }) => time(last) }
            ],
            bans.real.hosts.rows,
            bans.real.hosts.others.count === 0 ? undefined : `${counted(bans.real.hosts.others.count, "more host")}`
          )
    }`
  )

export const neverBanSection = ({ neverBan }: Report): Markup =>
  section(
    "9. Addresses of the never-ban list",
    neverBan.rows.length === 0
      ? html`<p>No packet came from an address that must never be banned from this host.</p>`
      : table(
          "Addresses that must never be banned from this host, and were seen",
          [
            { title: "Address", of: ({ address }) => address },
            { title: "Why", of: ({ why }) => why, kind: "long" },
            { title: "Packets", of: ({ packets }) => number(packets), kind: "number" },
            { title: "Blocked", of: ({ blocked }) => number(blocked), kind: "number" },
            { title: "Would be banned", of: ({ bans }) => (bans === 0 ? "no" : `${bans}x`) }
          ],
          neverBan.rows,
          othersText(neverBan.others)
        )
  )
