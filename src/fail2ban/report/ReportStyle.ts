/** How parts of a report are highlighted. */
export interface ReportStyle {
  readonly strong: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  /** The part of a line that a pattern matched. */
  readonly mark: (text: string) => string
}

/** For files and pipes: no colour, and the matched part between braces. */
export const plainStyle: ReportStyle = {
  strong: (text) => text,
  good: (text) => text,
  bad: (text) => text,
  mark: (text) => `{{${text}}}`
}

const coloured = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`

/** For terminals. */
export const colourStyle: ReportStyle = {
  strong: coloured(1),
  good: coloured(32),
  bad: coloured(31),
  mark: coloured(7)
}
