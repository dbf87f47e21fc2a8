import * as Either from "effect/Either"
import type { AST } from "toml-eslint-parser"
import { ParseError, parseTOML } from "toml-eslint-parser"
import { ConfigurationError } from "./ConfigurationError.ts"

/** One `key = value` of the file. */
export interface TomlAssignment {
  /** The table's name and the key, joined: `["log", "file"]`. */
  readonly path: ReadonlyArray<string>
  /** What is assigned; `emptyTable` for a table without keys, so that an unknown table is noticed even then. */
  readonly value: unknown
  /** The line in the file, from 1. */
  readonly line: number
}

/** The value of a table without keys. */
export const emptyTable = {}

/** Reads TOML 1.0 and keeps the line of each assignment, so that errors can name it. */
export const readAssignments = (
  file: string,
  content: string
): Either.Either<ReadonlyArray<TomlAssignment>, ConfigurationError> =>
  Either.try({
    try: () => parseTOML(content, { tomlVersion: "1.0" }).body[0].body.flatMap((node) => assignmentsOf([], node)),
    catch: (error) => {
      const where = error instanceof ParseError ? `${file}:${lineOf(error)}` : file
      const what = error instanceof Error ? error.message : String(error)
      return new ConfigurationError({ reason: "syntax", problems: [`${where}: not valid TOML: ${what}.`] })
    }
  })

/** The line that is wrong: where something is missing at a line's end, the parser names the start of the next line. */
const lineOf = ({ lineNumber, column, message }: ParseError): number =>
  column === 0 && /^(Unspecified values|The key, equals sign)/.test(message) ? lineNumber - 1 : lineNumber

const assignmentsOf = (
  table: ReadonlyArray<string>,
  node: AST.TOMLTable | AST.TOMLKeyValue
): ReadonlyArray<TomlAssignment> => {
  if (node.type === "TOMLTable") {
    const path = node.resolvedKey.map(String)
    if (node.body.length === 0) return [{ path, value: emptyTable, line: node.loc.start.line }]
    return node.body.flatMap((inner) => assignmentsOf(path, inner))
  }
  const path = [...table, ...node.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value))]
  const line = node.loc.start.line
  if (node.value.type !== "TOMLInlineTable") return [{ path, value: plainValue(node.value), line }]
  if (node.value.body.length === 0) return [{ path, value: emptyTable, line }]
  return node.value.body.flatMap((inner) => assignmentsOf(path, inner))
}

const plainValue = (node: AST.TOMLContentNode): unknown => {
  if (node.type === "TOMLArray") return node.elements.map(plainValue)
  if (node.type === "TOMLInlineTable") return {}
  return node.value
}
