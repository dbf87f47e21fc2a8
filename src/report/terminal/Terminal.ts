import type { Report, SourceRow } from "../model/Report.ts"
import { counted, duration, number, stamp, weekdays } from "../model/Units.ts"
import { amountText, asideText, sensorWarnings, signatureKinds } from "../model/Words.ts"
import { banLines, neverBanLines, ruleLines } from "./BanLines.ts"
import { banMark, bar, columnChart, shadeRow, sparkline, type TerminalStyle } from "./Drawing.ts"
import { othersLine, time } from "./Lines.ts"
import { screenWidth, type TextColumn, textTable, wrapped } from "./TextTable.ts"

/** How many rows of a list are shown: a terminal is small, the page and the JSON have more. */
const mostRows = 15
const mostPorts = 12
const mostSignatures = 5

/** The report for a terminal, in lines of at most 80 characters where no IPv6 address is longer. */
export const terminalText = (report: Report, style: TerminalStyle): string => {
  const sections: ReadonlyArray<readonly [title: string, lines: ReadonlyArray<string>]> = [
    ["1. Can the sensor be trusted?", sensorLines(report, style)],
    ["2. Blocked packets over time", timeLines(report, style)],
    ["3. Hours and weekdays", weekLines(report, style)],
    ["4. Top sources", sourceLines(report)],
    ["5. Ports", portLines(report, style)],
    ["6. Signatures", signatureLines(report)],
    ["7. Rules", ruleLines(report, mostRows)],
    ["8. Bans", banLines(report, mostRows, style)],
    ["9. Addresses of the never-ban list", neverBanLines(report, mostRows)]
  ]
  const text = sections.map(([title, lines]) => [style.strong(title), ...lines].join("\n")).join("\n\n")
  return style.unicode ? text : text.replace(/[^\x20-\x7e\n\u001b]/g, "?")
}

const sensorLines = ({ sensor, period }: Report, style: TerminalStyle): ReadonlyArray<string> => [
  `  From ${time(period.first)} to ${time(period.last)}.`,
  `  ${counted(sensor.packets, "packet")} of ${amountText(sensor.sources)} sources: ${number(sensor.blocked)} blocked, ${number(sensor.probes)} probes.`,
  ...wrapped(sensor.actions.rows.map(({ name, packets }) => `${number(packets)} ${name}`).join(", "), "  "),
  `  ${counted(sensor.starts, "start")}, tcpdump restarted ${number(sensor.restarts)} times, ${number(sensor.dropped)} dropped by the kernel.`,
  ...asideText(sensor).flatMap((text) => wrapped(text, "  ")),
  ...sensorWarnings(sensor).flatMap((text) => wrapped(text, "  ").map((line) => style.bad(line))),
  ...sensor.silences.rows
    .slice(0, mostSignatures)
    .map(({ from, to }) => `  silence of ${duration(to - from)}: ${time(from)} to ${time(to)}`)
]

const chartWidth = screenWidth - 4

const timeLines = ({ timeline }: Report, style: TerminalStyle): ReadonlyArray<string> => {
  const { steps, step } = timeline
  const first = steps[0]
  const last = steps.at(-1)
  if (first === undefined || last === undefined) return ["  There is no blocked packet with a date."]
  const joined = Math.ceil(steps.length / chartWidth)
  const groups = Array.from({ length: Math.ceil(steps.length / joined) }, (_, index) =>
    steps.slice(index * joined, (index + 1) * joined)
  )
  const blocked = groups.map((group) => group.reduce((sum, one) => sum + one.blocked, 0))
  const bans = groups.map((group) => group.reduce((sum, one) => sum + one.bans, 0))
  const from = stamp(first.start)
  const to = stamp(last.start + step)
  return [
    `  ${bans.map((count) => (count > 0 ? style.bad(banMark(style)) : " ")).join("")}`.trimEnd(),
    ...columnChart(blocked, 5, style).map((line) => `  ${line}`.trimEnd()),
    `  ${from}${to.padStart(Math.max(to.length + 1, groups.length - from.length))}`,
    `  Each column: ${duration(step * joined)}, at most ${counted(Math.max(...blocked), "packet")}; ${banMark(style)} bans.`
  ]
}

const mondayFirst = [1, 2, 3, 4, 5, 6, 0]

const weekLines = ({ week }: Report, style: TerminalStyle): ReadonlyArray<string> => {
  const highest = Math.max(...week.flat())
  const hours = Array.from({ length: 24 }, (_, hour) => week.reduce((sum, day) => sum + (day[hour] ?? 0), 0))
  const spread = (text: string) => [...text].map((character) => character.repeat(2)).join(" ")
  return [
    `       ${Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0")).join(" ")}`,
    ...mondayFirst.map(
      (weekday) => `  ${(weekdays[weekday] ?? "").slice(0, 3)}  ${shadeRow(week[weekday] ?? [], highest, style)}`
    ),
    `  all  ${spread(sparkline(hours, style))}`.trimEnd()
  ]
}

const sourceLines = (report: Report): ReadonlyArray<string> => {
  const { sources, bans } = report
  const banned = (count: number) => (count === 0 ? "" : `${count}x`)
  return [
    ...textTable(
      [
        { title: "source", of: ({ address }) => address, most: 39 },
        ...(sources.countries === undefined
          ? []
          : [{ title: "in", of: ({ country }: SourceRow) => country ?? "", most: 4 } as const]),
        { title: "blocked", of: ({ packets }) => number(packets), numeric: true },
        { title: "ports", of: ({ ports }) => number(ports.count), numeric: true },
        { title: "first", of: ({ first }) => time(first).slice(5) },
        { title: "last", of: ({ last }) => time(last).slice(5) },
        { title: "ban", of: (row) => banned(row.bans) },
        ...(bans.real === undefined
          ? []
          : [{ title: "was", of: ({ realBans }: SourceRow) => banned(realBans) } as const]),
        ...(sources.networks === undefined ? [] : [{ title: "AS", of: ({ as }: SourceRow) => as ?? "" } as const]),
        { title: "tried", of: ({ portNames }) => portNames.join(" ") }
      ] satisfies ReadonlyArray<TextColumn<SourceRow>>,
      sources.rows.slice(0, mostRows)
    ),
    ...othersLine(sources.rows, sources.others, mostRows, sources.others.exact),
    `  ${number(sources.elsewhere)} blocked packets went out or do not tell their source.`,
    ...nameLines("Countries", sources.countries),
    ...nameLines("Autonomous systems", sources.networks)
  ]
}

const nameLines = (title: string, list: Report["sources"]["countries"]): ReadonlyArray<string> =>
  list === undefined
    ? []
    : wrapped(
        `${title}: ${list.rows
          .slice(0, 10)
          .map(({ name, packets }) => `${name} ${number(packets)}`)
          .join(", ")}`,
        "  "
      )

const portLines = ({ ports }: Report, style: TerminalStyle): ReadonlyArray<string> => {
  const highest = ports.rows[0]?.packets ?? 1
  return [
    ...textTable(
      [
        { title: "port", of: ({ port }) => port, most: 20 },
        { title: "service", of: ({ service }) => service, most: 16 },
        { title: "blocked", of: ({ packets }) => number(packets), numeric: true },
        { title: "", of: ({ packets }) => bar(packets / highest, 24, style) }
      ],
      ports.rows.slice(0, mostPorts)
    ),
    ...othersLine(ports.rows, ports.others, mostPorts)
  ]
}

const signatureLines = ({ signatures }: Report): ReadonlyArray<string> =>
  signatureKinds.flatMap(({ kind, title }) => {
    const { rows, others } = signatures[kind]
    if (rows.length === 0) return [`  ${title}: none.`]
    return [
      `  ${title}: ${number(rows.length + others.count)}`,
      ...rows
        .slice(0, mostSignatures)
        .map(({ who, packets, what }) => `    ${who}: ${counted(packets, "packet")}, ${what}`)
    ]
  })
