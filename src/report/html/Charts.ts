import { max, range, sum } from "d3-array"
import { scaleBand, scaleLinear, scaleThreshold, scaleTime } from "d3-scale"
import { area, curveStepAfter, symbol, symbolTriangle } from "d3-shape"
import type { PortRow, Timeline } from "../model/Report.ts"
import { number, stamp, weekdays } from "../model/Units.ts"
import { html, type Markup } from "./Markup.ts"

const width = 960

/** An image with a name, which is what those hear who can't see it. */
const image = (id: string, height: number, title: string, drawing: Markup): Markup =>
  html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}"><title id="${id}">${title}</title>${drawing}</svg>`

/** Blocked packets over time as an area, and a mark over each step with bans. */
export const timeChart = ({ step, steps }: Timeline): Markup => {
  const [left, right, top, bottom] = [84, 12, 34, 40]
  const height = 280
  const first = steps[0]?.start ?? 0
  const last = (steps.at(-1)?.start ?? 0) + step
  const highest = max(steps, ({ blocked }) => blocked) ?? 0
  const x = scaleTime([new Date(first * 1000), new Date(last * 1000)], [left, width - right])
  const y = scaleLinear([0, Math.max(1, highest)], [height - bottom, top]).nice(4)
  const at = (second: number) => x(new Date(second * 1000))
  const outline = area<{ readonly start: number; readonly blocked: number }>(
    ({ start }) => round(at(start)),
    y(0),
    ({ blocked }) => round(y(blocked))
  ).curve(curveStepAfter)([...steps, { start: last, blocked: steps.at(-1)?.blocked ?? 0 }])
  const ticks = x.ticks(6)
  const format = tickFormat(ticks, (pattern) => x.tickFormat(6, pattern))
  const mark = symbol(symbolTriangle, 70)() ?? ""
  const marks = steps.filter(({ bans }) => bans > 0)
  const total = number(sum(steps, ({ blocked }) => blocked))
  const bans = number(sum(steps, (one) => one.bans))
  return image(
    "chart-time",
    height,
    `Blocked packets from ${stamp(first)} to ${stamp(last)}: ${total} in all, at most ${number(highest)} in a step; ${bans} bans are marked.`,
    html`${y
      .ticks(4)
      .filter(Number.isInteger)
      .map(
        (value) =>
          html`<line class="grid" x1="${left}" x2="${width - right}" y1="${round(y(value))}" y2="${round(y(value))}"/><text x="${left - 8}" y="${round(y(value)) + 4}" text-anchor="end">${short(value)}</text>`
      )}<path class="bar" d="${outline ?? ""}"/>${ticks.map(
      (tick, index) =>
        html`<text x="${round(x(tick))}" y="${height - 10}" text-anchor="middle"${index % 2 === 0 ? "" : html` class="less"`}>${format(tick)}</text>`
    )}${marks.map(
      ({ start }) => html`<path class="ban" d="${mark}" transform="translate(${round(at(start + step / 2))},16)"/>`
    )}`
  )
}

/** Times of day as everywhere else in the report, of 24 hours; the date at midnight, and where ticks are days apart. */
const tickFormat = (
  ticks: ReadonlyArray<Date>,
  by: (pattern: string) => (time: Date) => string
): ((time: Date) => string) => {
  const [day, minute, second] = [by("%m-%d"), by("%H:%M"), by("%H:%M:%S")]
  const gap = Number(ticks[1] ?? 0) - Number(ticks[0] ?? 0)
  const clock = gap < 60_000 ? second : minute
  return (time) => (gap >= 86_400_000 || second(time) === "00:00:00" ? day(time) : clock(time))
}

/** So many shades beside the one for nothing. */
const shades = 5

/** Blocked packets by weekday and hour, in shades. */
export const heatMap = (week: ReadonlyArray<ReadonlyArray<number>>): Markup => {
  const [left, top, height] = [84, 6, 288]
  const order = mondayFirst
  const x = scaleBand(range(24), [left, width]).padding(0.06)
  const y = scaleBand(order, [top, height - 40]).padding(0.08)
  const shade = shadeOf(week)
  const highest = max(week.flat()) ?? 0
  return image(
    "chart-week",
    height,
    `Blocked packets by weekday and hour, local time: at most ${number(highest)} in one hour of the week.`,
    html`${order.map((weekday) => {
      const name = (weekdays[weekday] ?? "").slice(0, 3)
      const row = round(y(weekday) ?? 0)
      const cells = range(24).map(
        (hour) =>
          html`<rect class="h${shade(week[weekday]?.[hour] ?? 0)}" x="${round(x(hour) ?? 0)}" y="${row}" width="${round(x.bandwidth())}" height="${round(y.bandwidth())}"/>`
      )
      return html`<text x="${left - 8}" y="${row + round(y.bandwidth() / 2) + 5}" text-anchor="end">${name}</text>${cells}`
    })}${range(0, 24, 3).map(
      (hour) =>
        html`<text x="${round((x(hour) ?? 0) + x.bandwidth() / 2)}" y="${height - 10}" text-anchor="middle"${hour % 6 === 0 ? "" : html` class="less"`}>${hour}</text>`
    )}`
  )
}

/** The days from Monday on, by their numbers. */
export const mondayFirst: ReadonlyArray<number> = [1, 2, 3, 4, 5, 6, 0]

/** The shade of a number: 0 for nothing, then by the share of the highest, in steps that double. */
export const shadeOf = (week: ReadonlyArray<ReadonlyArray<number>>): ((value: number) => number) => {
  const highest = max(week.flat()) ?? 0
  const bounds = range(shades - 1).map((index) => highest / 2 ** (shades - 1 - index))
  return scaleThreshold<number, number>([Number.MIN_VALUE, ...bounds], range(shades + 1))
}

/** The most frequent ports as bars. */
export const portChart = (rows: ReadonlyArray<PortRow>): Markup => {
  const shown = rows.slice(0, 10)
  const [left, right, bar] = [230, 120, 40]
  const height = bar * shown.length + 4
  const highest = max(shown, ({ packets }) => packets) ?? 1
  const x = scaleLinear([0, highest], [0, width - left - right])
  return image(
    "chart-ports",
    height,
    `The ports with the most blocked packets: ${shown.map(({ port, packets }) => `${port} ${number(packets)}`).join(", ")}.`,
    html`${shown.map(({ port, service, packets }, index) => {
      const middle = index * bar + bar / 2
      return html`<text x="${left - 8}" y="${middle + 7}" text-anchor="end">${service === "" ? port : service.slice(0, 16)}</text><rect class="bar" x="${left}" y="${index * bar + 6}" width="${Math.max(1, round(x(packets)))}" height="${bar - 12}"/><text x="${left + round(x(packets)) + 8}" y="${middle + 7}">${short(packets)}</text>`
    })}`
  )
}

const round = (value: number): number => Math.round(value * 10) / 10

/** A number short enough for an axis: `950`, `12k`, `3.5M`. */
const short = (value: number): string => {
  if (value < 10_000) return number(value)
  return value < 1_000_000 ? `${round(value / 1000)}k` : `${round(value / 1_000_000)}M`
}
