/** A piece of HTML: what it was made of is escaped already. */
export class Markup {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

/** What can stand in a piece of HTML; texts and numbers are escaped, nothing is left out. */
export type Content = Markup | string | number | undefined | ReadonlyArray<Content>

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? "")

const sourceOf = (content: Content): string => {
  if (content === undefined) return ""
  if (content instanceof Markup) return content.source
  return typeof content === "object" ? content.map(sourceOf).join("") : escaped(String(content))
}

/**
 * Makes a piece of HTML: every value in it that is not such a piece itself is escaped, for text and for attributes in quotes.
 *
 * @example
 * html`<td title="${name}">${name}</td>`
 */
export const html = (parts: TemplateStringsArray, ...contents: ReadonlyArray<Content>): Markup =>
  new Markup(parts.map((part, index) => part + sourceOf(contents[index])).join(""))
