import type { Report, Signature, SourceRow, TopList } from "../model/Report.ts"
import { counted, duration, number, stamp, weekdays } from "../model/Units.ts"
import { amountText, asideText, sensorWarnings, signatureKinds } from "../model/Words.ts"
import { heatMap, mondayFirst, portChart, timeChart } from "./Charts.ts"
import { type Content, html, type Markup } from "./Markup.ts"
import { type Column, folded, othersText, table } from "./Table.ts"

/** A section of the page, under a heading. */
export const section = (title: string, content: Content): Markup =>
  html`<section><h2>${title}</h2>${content}</section>\n`

const fact = (name: string, value: Content, key: string): Markup =>
  html`<div><dt>${name}</dt><dd data-total="${key}">${value}</dd></div>`

/** When something was, where that is known. */
export const time = (second: number | undefined): string => (second === undefined ? "-" : stamp(second))

export const sensorSection = ({ sensor, period }: Report): Markup =>
  section(
    "1. Can the sensor be trusted?",
    html`<dl>${[
      fact("First packet", time(period.first), "first"),
      fact("Last packet", time(period.last), "last"),
      fact("Packets", number(sensor.packets), "packets"),
      fact("Blocked", number(sensor.blocked), "blocked"),
      fact("Probes", number(sensor.probes), "probes"),
      fact("Sources", amountText(sensor.sources), "sources"),
      fact("Starts", number(sensor.starts), "starts"),
      fact("tcpdump restarted", number(sensor.restarts), "restarts"),
      fact("Dropped by the kernel", number(sensor.dropped), "dropped"),
      fact("Lines not understood", number(sensor.unknownLines + sensor.otherLines), "unknown")
    ]}</dl>${sensorWarnings(sensor).map((warning) => html`<p class="bad">${warning}</p>`)}${asideText(sensor).map(
      (text) => html`<p class="soft">${text}</p>`
    )}${table(
      "Packets by action and direction",
      [
        { title: "Action", of: ({ name }) => name },
        { title: "Packets", of: ({ packets }) => number(packets), kind: "number" }
      ],
      sensor.actions.rows,
      othersText(sensor.actions.others)
    )}${table(
      "Packets by interface",
      [
        { title: "Interface", of: ({ name }) => name },
        { title: "Packets", of: ({ packets }) => number(packets), kind: "number" }
      ],
      sensor.interfaces.rows,
      othersText(sensor.interfaces.others)
    )}${
      sensor.silences.count === 0
        ? html`<p>No silence: no gap between packets was far longer than usual.</p>`
        : table(
            "Silences: gaps far longer than usual",
            [
              { title: "From", of: ({ from }) => time(from) },
              { title: "To", of: ({ to }) => time(to) },
              { title: "Length", of: ({ from, to }) => duration(to - from), kind: "number" }
            ],
            sensor.silences.rows,
            sensor.silences.count > sensor.silences.rows.length ? `${number(sensor.silences.count)} in all` : undefined
          )
    }`
  )

export const timeSection = ({ timeline }: Report): Markup =>
  section(
    "2. Blocked packets over time",
    timeline.steps.length === 0
      ? html`<p>There is no blocked packet with a date.</p>`
      : html`<p class="soft">Steps of ${duration(timeline.step)}; a triangle marks a step with bans.</p>${timeChart(timeline)}${folded(
          table(
            "Blocked packets and bans by time; steps without any are left out",
            [
              { title: "From", of: ({ start }) => time(start) },
              { title: "Blocked", of: ({ blocked }) => number(blocked), kind: "number" },
              { title: "Bans", of: ({ bans }) => number(bans), kind: "number" }
            ],
            timeline.steps.filter(({ blocked, bans }) => blocked + bans > 0)
          )
        )}`
  )

export const weekSection = ({ week }: Report): Markup =>
  section(
    "3. Hours and weekdays",
    html`${heatMap(week)}${folded(
      table(
        "Blocked packets by hour, local time",
        [
          { title: "Hour", of: (hour) => hour },
          ...mondayFirst.map(
            (weekday): Column<number> => ({
              title: weekdays[weekday] ?? "",
              of: (hour) => number(week[weekday]?.[hour] ?? 0),
              kind: "number"
            })
          )
        ],
        Array.from({ length: 24 }, (_, hour) => hour)
      )
    )}`
  )

/** `2026-`: the period above tells the year. */
const yearLength = 5

const sourceColumns = ({ sources, bans }: Report): ReadonlyArray<Column<SourceRow>> => [
  { title: "Source", of: ({ address }) => address },
  { title: "Network", of: ({ network }) => network },
  ...(sources.countries === undefined ? [] : [{ title: "Country", of: ({ country }: SourceRow) => country }]),
  ...(sources.networks === undefined ? [] : [{ title: "AS", of: ({ as }: SourceRow) => as }]),
  {
    title: "Blocked",
    of: ({ packets, mayMiss }) => `${mayMiss > 0 ? "at least " : ""}${number(packets)}`,
    kind: "number"
  },
  { title: "Probes", of: ({ probes }) => number(probes), kind: "number" },
  { title: "Ports", of: ({ ports }) => amountText(ports), kind: "number" },
  { title: "Some of them", of: ({ portNames }) => portNames.join(", "), kind: "long" },
  { title: "First", of: ({ first }) => time(first).slice(yearLength) },
  { title: "Last", of: ({ last }) => time(last).slice(yearLength) },
  { title: "Would be banned", of: (row) => (row.bans === 0 ? "no" : `${row.bans}x`) },
  ...(bans.real === undefined
    ? []
    : [{ title: "Was banned", of: ({ realBans }: SourceRow) => (realBans === 0 ? "no" : `${realBans}x`) }])
]

export const sourcesSection = (report: Report): Markup => {
  const { sources } = report
  const sums = (title: string, list: TopList<{ readonly name: string; readonly packets: number }> | undefined) =>
    list === undefined
      ? undefined
      : table(
          title,
          [
            { title: "Name", of: ({ name }) => name, kind: "long" },
            { title: "Blocked", of: ({ packets }) => number(packets), kind: "number" }
          ],
          list.rows,
          othersText(list.others)
        )
  const { others, elsewhere } = sources
  return section(
    "4. Top sources",
    html`${
      others.packets === 0
        ? undefined
        : html`<p>${number(others.packets)} blocked packets came from ${others.exact ? "" : "at least "}${counted(others.count, "other source")}.</p>`
    }${
      elsewhere === 0 ? undefined : html`<p>${counted(elsewhere, "blocked packet")} went out, or named no source.</p>`
    }${table(
      "Sources with the most packets blocked on their way in",
      sourceColumns(report),
      sources.rows
    )}${sums("Countries", sources.countries)}${sums("Autonomous systems", sources.networks)}`
  )
}

export const portsSection = ({ ports }: Report): Markup =>
  section(
    "5. Ports",
    ports.rows.length === 0
      ? html`<p>No packet was blocked on its way in.</p>`
      : html`${portChart(ports.rows)}${folded(
          table(
            "Ports by blocked packets",
            [
              { title: "Port", of: ({ port }) => port },
              { title: "Service", of: ({ service }) => service },
              { title: "Blocked", of: ({ packets }) => number(packets), kind: "number" }
            ],
            ports.rows,
            othersText(ports.others)
          )
        )}`
  )

export const signaturesSection = ({ signatures }: Report): Markup =>
  section(
    "6. Signatures",
    signatureKinds.map(({ kind, title, meaning }) => {
      const list: TopList<Signature> = signatures[kind]
      return html`<h3>${title}</h3><p class="soft">${meaning}</p>${
        list.rows.length === 0
          ? html`<p>None.</p>`
          : table(
              title,
              [
                { title: "Who", of: ({ who }) => who },
                { title: "Packets", of: ({ packets }) => number(packets), kind: "number" },
                { title: "What", of: ({ what }) => what, kind: "long" }
              ],
              list.rows,
              othersText(list.others)
            )
      }`
    })
  )
