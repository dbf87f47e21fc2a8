import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import type * as HelpDoc from "@effect/cli/HelpDoc"
import type * as Span from "@effect/cli/HelpDoc/Span"

/** A flag or an argument of a subcommand. */
export interface Parameter {
  /** `--interface`; of an argument, `<FILE>...`. */
  readonly name: string
  /** What a flag's value stands for: `name`; nothing where the flag takes no value. */
  readonly placeholder: string | undefined
  readonly description: string
  /** Whether it may be given several times. */
  readonly repeatable: boolean
  /** Whether it must be given. */
  readonly required: boolean
}

/** What may follow a subcommand's name. */
export interface Syntax {
  readonly name: string
  /** Its description, a sentence each. */
  readonly sentences: ReadonlyArray<string>
  readonly flags: ReadonlyArray<Parameter>
  readonly arguments: ReadonlyArray<Parameter>
}

/**
 * The syntax of a subcommand, as the library has parsed its declaration: read from the help that it makes of it, the only
 * place where the library shows it.
 */
export const syntaxOf = <Name extends string, R, E, A>(name: Name, command: Command.Command<Name, R, E, A>): Syntax => {
  const blocks = blocksOf(Command.getHelp(command, CliConfig.make({ showBuiltIns: false })))
  const sections = new Map<string, Array<HelpDoc.HelpDoc>>()
  let current: Array<HelpDoc.HelpDoc> = []
  for (const block of blocks) {
    if (block._tag === "Header") {
      current = []
      sections.set(textOf(block.value), current)
    } else current.push(block)
  }
  const parameters = (section: string) => (sections.get(section) ?? []).flatMap(parametersOf)
  const description = (sections.get("DESCRIPTION") ?? []).map(paragraphText).join(" ")
  return {
    name,
    sentences: description.split(/(?<=[.:]) (?=[A-Z])/),
    flags: parameters("OPTIONS"),
    arguments: parameters("ARGUMENTS")
  }
}

const blocksOf = (doc: HelpDoc.HelpDoc): ReadonlyArray<HelpDoc.HelpDoc> =>
  doc._tag === "Sequence" ? [...blocksOf(doc.left), ...blocksOf(doc.right)] : doc._tag === "Empty" ? [] : [doc]

const parametersOf = (block: HelpDoc.HelpDoc): ReadonlyArray<Parameter> =>
  block._tag === "DescriptionList" ? block.definitions.map(parameterOf) : []

/** Its name is the first word; the first paragraph is the library's own about the type, the second is ours. */
const parameterOf = ([head, body]: readonly [Span.Span, HelpDoc.HelpDoc]): Parameter => {
  const written = textOf(head)
  // The library writes `<file> 1+` for an argument that must be there once or more.
  const required = written.endsWith(" 1+")
  const text = written.replace(/ 1\+$/, "...")
  const [name = "", ...rest] = text.replace(/\.\.\.$/, "").split(" ")
  const [, description] = blocksOf(body).map(paragraphText)
  return {
    name: name.startsWith("-") ? name : text,
    placeholder: rest.length === 0 ? undefined : rest.join(" "),
    description: description ?? "",
    repeatable: text.endsWith("..."),
    required
  }
}

const paragraphText = (block: HelpDoc.HelpDoc): string => (block._tag === "Paragraph" ? textOf(block.value) : "")

const textOf = (span: Span.Span): string => {
  switch (span._tag) {
    case "Text":
    case "URI":
      return span.value
    case "Sequence":
      return textOf(span.left) + textOf(span.right)
    default:
      return textOf(span.value)
  }
}
