/** What a terminal can show. */
export interface TerminalStyle {
  /** Block characters; without them all is ASCII. */
  readonly unicode: boolean
  readonly strong: (text: string) => string
  readonly bad: (text: string) => string
}

const plain = (text: string): string => text

const coloured =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`

/** The style for a terminal, or for a file or pipe, which gets no colour. */
export const terminalStyle = (choice: { readonly colour: boolean; readonly unicode: boolean }): TerminalStyle => ({
  unicode: choice.unicode,
  strong: choice.colour ? coloured(1) : plain,
  bad: choice.colour ? coloured(31) : plain
})

const columns = { unicode: " ▁▂▃▄▅▆▇█", ascii: " .:-=+*#@" }
const shades = { unicode: "·░▒▓█", ascii: ".-+*#" }
const marks = { unicode: "▼", ascii: "v" }

/** The mark of a ban. */
export const banMark = (style: TerminalStyle): string => (style.unicode ? marks.unicode : marks.ascii)

/** One character for each number, the higher the larger; anything above 0 is seen. */
export const sparkline = (values: ReadonlyArray<number>, style: TerminalStyle): string => {
  const highest = Math.max(1, ...values)
  return values.map((value) => level(value / highest, style.unicode ? columns.unicode : columns.ascii)).join("")
}

/** Numbers as columns of several lines, the top line first. */
export const columnChart = (
  values: ReadonlyArray<number>,
  lines: number,
  style: TerminalStyle
): ReadonlyArray<string> => {
  const highest = Math.max(1, ...values)
  const characters = style.unicode ? columns.unicode : columns.ascii
  return Array.from({ length: lines }, (_, index) => {
    const below = lines - 1 - index
    return values
      .map((value) => {
        const part = (value / highest) * lines - below
        return below === 0 && value > 0 ? level(Math.max(part, 0.01), characters) : level(part, characters)
      })
      .join("")
  })
}

/** Rows of numbers as shades, each of two characters. */
export const shadeRow = (values: ReadonlyArray<number>, highest: number, style: TerminalStyle): string => {
  const characters = style.unicode ? shades.unicode : shades.ascii
  return values.map((value) => level(value / Math.max(1, highest), characters).repeat(2)).join(" ")
}

/** A horizontal bar of so many characters. */
export const bar = (share: number, width: number, style: TerminalStyle): string =>
  (style.unicode ? "█" : "#").repeat(Math.max(share > 0 ? 1 : 0, Math.round(share * width)))

const level = (share: number, characters: string): string => {
  const highest = characters.length - 1
  const index = share <= 0 ? 0 : Math.min(highest, Math.max(1, Math.ceil(share * highest)))
  return characters.charAt(index)
}
