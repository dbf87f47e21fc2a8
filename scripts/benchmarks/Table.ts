import type { Figure } from "./Figure.ts"

const headings = ["", "ours", "yardstick", "", "ratio", "limit", ""]

/** The figures as a table for people: a line for each, under its group. */
export const renderTable = (figures: ReadonlyArray<Figure>): string => {
  const rows = figures.map((figure) => [
    figure.name,
    `${number(figure.ours)} ${figure.unit}`,
    figure.yardstick === undefined ? "" : `${number(figure.yardstick.median)} ${figure.unit}`,
    figure.yardstick?.name ?? "",
    figure.ratio === undefined ? "" : figure.ratio.toFixed(2),
    figure.limit === undefined ? "" : `${figure.limit}`,
    figure.met === undefined ? "" : figure.met ? "met" : "NOT MET"
  ])
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0))
  )
  const line = (cells: ReadonlyArray<string>): string =>
    `  ${cells.map((cell, column) => (column === 0 || column === 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ")}`.trimEnd()

  const lines = [line(headings)]
  let group = ""
  figures.forEach((figure, index) => {
    if (figure.group !== group) {
      group = figure.group
      lines.push("", group)
    }
    lines.push(line(rows[index] ?? []))
  })
  return `${lines.join("\n")}\n`
}

const number = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2)
