import type { BanRules } from "../replay/BanRules.ts"
import { type GridCell, triedFindtime, triedMaxretry } from "../replay/Grid.ts"
import type { JailSpec } from "../replay/JailSpec.ts"
import type { SimulatedBan, SimulationResult } from "../replay/Simulation.ts"
import { counted, grouped } from "./Counted.ts"
import type { ReportStyle } from "./ReportStyle.ts"
import { scanComparisonText } from "./ScanComparisonText.ts"

/** The layout of the report on a simulation. */
export interface SimulationLayout {
  readonly style: ReportStyle
  readonly openLoop: boolean
  /** How many bans are listed; the others are only counted. */
  readonly mostBans: number
}

/** The result for people, in lines of at most 80 characters where no IPv6 address is longer. */
export const simulationText = (jail: JailSpec, result: SimulationResult, layout: SimulationLayout): string =>
  [
    ...headLines(jail, result, layout),
    "",
    ...banLines(result, layout),
    "",
    ...scanComparisonText(result.scans, layout.style),
    ...(result.grid.length === 0 ? [] : ["", ...gridLines(result.grid, layout.style)])
  ].join("\n")

const headLines = (jail: JailSpec, result: SimulationResult, { style, openLoop }: SimulationLayout) => [
  style.strong(`Jail ${jail.name}: ${rulesText(jail.rules)}`),
  `${counted(result.lines, "line")}, ${counted(result.entries, "packet")} of pf; ${grouped(result.counted)} count towards a ban.`,
  ...(result.first === undefined || result.last === undefined
    ? []
    : [`They came from ${stamp(result.first)} to ${stamp(result.last)}.`]),
  ...(result.ignored === 0
    ? []
    : [`${counted(result.ignored, "packet")} of hosts in the jail's ignoreip do not count.`]),
  ...(result.undated === 0
    ? []
    : [
        `${counted(result.undated, "matched line")} without a date that is understood ${result.undated === 1 ? "is" : "are"} left out.`
      ]),
  ...(result.named === 0
    ? []
    : [`${counted(result.named, "matched line")} with a host's name, which fail2ban looks up, left out.`]),
  ...(jail.recidive === undefined ? [] : [`The jail recidive is fed with the bans: ${rulesText(jail.recidive)}`]),
  ...(openLoop ? ["Open loop: packets of a banned host count on, as if the ban had no effect."] : [])
]

const rulesText = ({ maxretry, findtime, bantime, increment }: BanRules): string => {
  const length = bantime === -1 ? "for ever" : `for ${duration(bantime)}`
  const grows = increment === undefined ? "" : ", longer for hosts that come back"
  return `${counted(maxretry, "packet")} within ${duration(findtime)} ban ${length}${grows}.`
}

const banLines = (result: SimulationResult, layout: SimulationLayout): ReadonlyArray<string> => {
  const { style, mostBans } = layout
  const late = result.bannedIfLate.length
  const lateText =
    late === 0 ? [] : [`${counted(late, "more host")} may be banned: fail2ban forgets old packets only now and then.`]
  if (result.bans.length === 0) return ["Nobody would be banned.", ...lateText]
  const hosts = new Set(result.bans.map(({ host }) => host.address)).size
  const worrying = new Set(result.bans.filter(({ isWorrying }) => isWorrying).map(({ host }) => host.address)).size
  const verdict =
    worrying === 0
      ? style.good("None of these hosts is on the never-ban list, and pf let none of them through.")
      : style.bad(`${counted(worrying, "host")} should worry you, marked with ! and listed first.`)
  return [
    style.strong(`${counted(result.bans.length, "ban")} of ${counted(hosts, "host")}:`),
    `  ${"host".padEnd(18)} ${"banned at".padEnd(15)} ${"until".padEnd(15)} ${columnsOf(["count", "drops", "delay", "ports"])}`,
    ...result.bans.slice(0, mostBans).flatMap((ban) => banText(ban, style)),
    ...(result.bans.length > mostBans
      ? [`  … and ${grouped(result.bans.length - mostBans)} more (--json lists all).`]
      : []),
    "",
    "count: packets that led to the ban; drops: packets that it kept out; delay: from the",
    "first of these packets to the ban; ports: different ports that the host tried.",
    "*: the address is not proven, anybody may have sent these packets under it.",
    ...(result.bans.some(({ dependsOnCleanUp }) => dependsOnCleanUp)
      ? ["~: fail2ban forgets old packets only now and then; this host's bans depend on when."]
      : []),
    ...lateText,
    verdict
  ]
}

const hostWidth = 18

const columnsOf = (texts: ReadonlyArray<string>): string =>
  texts.map((text, index) => text.padStart(index === 2 ? 7 : 6)).join("")

const banText = ({ ban, host, roles, isWorrying, dependsOnCleanUp }: SimulatedBan, style: ReportStyle) => {
  const marks = `${host.proven ? "" : "*"}${dependsOnCleanUp ? "~" : ""}`
  const name = `${host.address}${marks}`
  const until = ban.until === Number.POSITIVE_INFINITY ? "for ever" : shortStamp(ban.until)
  const columns = [grouped(ban.packets), grouped(ban.prevented), duration(ban.delay), grouped(host.ports)]
  const rest = `${shortStamp(ban.at).padEnd(15)} ${until.padEnd(15)} ${columnsOf(columns)}`
  const mark = isWorrying ? style.bad("!") : " "
  const line =
    name.length > hostWidth
      ? [`${mark} ${name}`, `  ${" ".repeat(hostWidth)} ${rest}`]
      : [`${mark} ${name.padEnd(hostWidth)} ${rest}`]
  const spread = ban.spread === 0 ? [] : [`up to ${duration(ban.spread)} longer, at random`]
  const remarks = [...roles, ...spread]
  return remarks.length === 0 ? line : [...line, `      ${remarks.join(", ")}`]
}

const gridLines = (grid: ReadonlyArray<GridCell>, style: ReportStyle): ReadonlyArray<string> => {
  const cellOf = (maxretry: number, findtime: number) =>
    grid.find((cell) => cell.maxretry === maxretry && cell.findtime === findtime)
  const table = (title: string, textOf: (cell: GridCell) => string) => [
    style.strong(title),
    `  ${"maxretry".padStart(8)}${triedFindtime.map((findtime) => duration(findtime).padStart(9)).join("")}`,
    ...triedMaxretry.map((maxretry) => {
      const values = triedFindtime.map((findtime) => {
        const cell = cellOf(maxretry, findtime)
        if (cell === undefined) return "".padStart(9)
        const text = `${cell.paretoBest ? "+" : ""}${textOf(cell)}`.padStart(9)
        return cell.paretoBest ? style.strong(text) : text
      })
      return `  ${String(maxretry).padStart(8)}${values.join("")}`
    })
  ]
  return [
    ...table("Hosts banned, by maxretry (down) and findtime (across):", ({ hosts }) => grouped(hosts)),
    "",
    ...table("Of these on the never-ban list, or let through by pf as well:", ({ worrying }) => grouped(worrying)),
    "",
    ...table("Packets kept out:", ({ prevented }) => short(prevented)),
    "",
    ...table("Useless bans, after which nothing came any more:", ({ useless }) => grouped(useless)),
    "",
    ...table("Median delay from the first packet to the ban:", ({ medianDelay }) =>
      medianDelay === undefined ? "-" : duration(medianDelay)
    ),
    "",
    "+: no other choice keeps out as many packets with as few worrying and useless bans."
  ]
}

const short = (value: number): string => {
  if (value < 100_000) return grouped(value)
  return value < 10_000_000 ? `${grouped(Math.round(value / 1000))}k` : `${grouped(Math.round(value / 1_000_000))}M`
}

const steps: ReadonlyArray<readonly [seconds: number, unit: string]> = [
  [86_400, "d"],
  [3600, "h"],
  [60, "m"],
  [1, "s"]
]

/** A length of time as fail2ban writes it, in its two largest units: `10m`, `1h30m`, `0s`. */
const duration = (seconds: number): string => {
  let rest = Math.round(seconds)
  const parts: Array<string> = []
  for (const [length, unit] of steps) {
    const count = Math.floor(rest / length)
    rest -= count * length
    if (count > 0) parts.push(`${count}${unit}`)
  }
  return parts.length === 0 ? "0s" : parts.slice(0, 2).join("")
}

const two = (value: number): string => String(value).padStart(2, "0")

const stamp = (seconds: number): string => `${new Date(seconds * 1000).getFullYear()}-${shortStamp(seconds)}`

/** Local time without the year: `11-22 05:00:27`. */
const shortStamp = (seconds: number): string => {
  const date = new Date(seconds * 1000)
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}
