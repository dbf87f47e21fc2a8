/** One column: its title, whether it holds numbers, and how wide it may get. */
export interface TextColumn<Row> {
  readonly title: string
  readonly of: (row: Row) => string
  readonly numeric?: boolean
  readonly most?: number
}

/** Lines are made for so many columns. */
export const screenWidth = 80

/**
 * A table of plain lines. Columns are as wide as their texts, up to their own limit. The first line is the head; a line that
 * would be too long has its last column cut.
 */
export const textTable = <Row>(
  columns: ReadonlyArray<TextColumn<Row>>,
  rows: ReadonlyArray<Row>
): ReadonlyArray<string> => {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map((column) => column.of(row)))]
  const widths = columns.map((column, index) =>
    Math.min(column.most ?? screenWidth, Math.max(...cells.map((line) => line[index]?.length ?? 0)))
  )
  return cells.map((line) => {
    const padded = line.map((text, index) => {
      const width = widths[index] ?? 0
      return columns[index]?.numeric === true ? text.padStart(width) : clipped(text, width).padEnd(width)
    })
    return clipped(`  ${padded.join("  ")}`, screenWidth).trimEnd()
  })
}

/** A text of at most so many characters. */
export const clipped = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 3))}...`

/** Breaks a sentence into lines. */
export const wrapped = (text: string, indent = ""): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`
    if (line !== "" && indent.length + longer.length > screenWidth) {
      lines.push(indent + line)
      line = word
    } else line = longer
  }
  return [...lines, indent + line]
}
