import * as Either from "effect/Either"

/** The options of one section: names in lower case, values with their lines joined by LF. */
export type Options = Map<string, string>

/** A configuration file's sections by name, `DEFAULT` among them. */
export type Sections = Map<string, Options>

/** The name of the section whose options all others inherit. */
export const defaultSection = "DEFAULT"

/** A line that Python's configparser refuses, and its reason. */
export interface ConfigProblem {
  readonly line: number
  readonly problem: string
}

/**
 * Reads the text of a configuration file as fail2ban does: Python's `configparser`, strict, with `#` and `;` before whole
 * lines and `;` after white space for comments.
 */
export const parseConfigText = (text: string): Either.Either<Sections, ConfigProblem> => {
  // Python takes it for an ordinary character, not for white space.
  if (text.startsWith("\ufeff"))
    return Either.left({ line: 1, problem: "a byte order mark in front of the first section" })
  const reader = new ConfigTextReader()
  const lines = text.split(/\r\n|[\n\r]/)
  for (const [index, line] of lines.entries()) {
    const problem = reader.line(line)
    if (problem !== undefined) return Either.left({ line: index + 1, problem })
  }
  return Either.right(reader.sections())
}

class ConfigTextReader {
  private readonly lines = new Map<string, Map<string, Array<string>>>()
  private section: Map<string, Array<string>> | undefined
  private value: Array<string> | undefined
  private indent = 0

  /** Takes the next line; returns what is wrong with it. */
  line(line: string): string | undefined {
    const commentAt = commentStart(line)
    const content = line.slice(0, commentAt).trim()
    if (content === "") {
      // An empty line belongs to a value of several lines; a line with only a comment is ignored.
      if (commentAt === undefined) this.value?.push("")
      return undefined
    }
    const indent = line.search(/\S/)
    if (this.value !== undefined && indent > this.indent) {
      this.value.push(content)
      return undefined
    }
    this.indent = indent
    const header = /^\[(.+)\]/.exec(content)
    return header?.[1] === undefined ? this.option(content) : this.header(header[1])
  }

  private header(name: string): string | undefined {
    if (this.lines.has(name) && name !== defaultSection) return `section [${name}] stands twice`
    this.section = this.lines.get(name) ?? new Map()
    this.lines.set(name, this.section)
    this.value = undefined
    return undefined
  }

  private option(content: string): string | undefined {
    if (this.section === undefined) return "no section header before the first option"
    const option = /^(.*?)\s*[=:]\s*(.*)$/.exec(content)
    if (option === null) return `neither a section nor an option: ${JSON.stringify(content)}`
    const [, key = "", first = ""] = option
    const name = key.trim().toLowerCase()
    if (name === "") return `an option without a name: ${JSON.stringify(content)}`
    if (this.section.has(name)) return `option "${name}" stands twice`
    this.value = [first.trim()]
    this.section.set(name, this.value)
    return undefined
  }

  sections(): Sections {
    const joined: Sections = new Map()
    for (const [name, options] of this.lines)
      joined.set(name, new Map([...options].map(([key, lines]) => [key, lines.join("\n").trimEnd()])))
    return joined
  }
}

const commentStart = (line: string): number | undefined => {
  if (/^\s*[#;]/.test(line)) return 0
  const inline = /(?<=\s);/.exec(line)
  return inline?.index
}
