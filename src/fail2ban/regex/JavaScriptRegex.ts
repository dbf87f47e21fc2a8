import * as Either from "effect/Either"
import { type Alphabet, escapedCharacter, setText, wordCharacters } from "./CharacterSets.ts"
import { PatternError } from "./PatternError.ts"
import type { PythonRegex } from "./PythonRegex.ts"
import type { RegexNode } from "./RegexNode.ts"
import { checkTranslatable } from "./Translatable.ts"

/** An expression of Python, translated so that JavaScript finds the same. */
export interface SearchExpression {
  readonly source: PythonRegex
  /** Finds the first match in a text, as Python's `search` does. */
  readonly search: (text: string) => RegExpExecArray | undefined
}

/**
 * Translates an expression of Python's `re` to JavaScript's `RegExp`, which finds the same match and groups.
 *
 * Each expression exists twice: a fast form for texts of ASCII alone, and, made only when needed, one that knows all letters
 * and digits of Unicode as Python does.
 */
export const toJavaScript = (source: PythonRegex): Either.Either<SearchExpression, PatternError> =>
  Either.flatMap(checkTranslatable(source), () =>
    Either.try({
      try: () => {
        const ascii = new RegExp(nodeText(source.root, "ascii"))
        let unicode: RegExp | undefined
        return {
          source,
          search: (text: string) => {
            if (isAscii(text)) return ascii.exec(text) ?? undefined
            unicode ??= new RegExp(nodeText(source.root, "unicode"), "v")
            return unicode.exec(text) ?? undefined
          }
        }
      },
      catch: (cause) =>
        new PatternError({
          reason: "unsupported",
          construct: cause instanceof Error ? cause.message : String(cause),
          place: 0,
          pattern: source.pattern
        })
    })
  )

const nonAscii = /[^\x00-\x7f]/

const isAscii = (text: string): boolean => !nonAscii.test(text)

const nodeText = (node: RegexNode, alphabet: Alphabet): string => {
  switch (node.type) {
    case "character":
      return characterText(node, alphabet)
    case "set":
      return setText(node, alphabet)
    case "any":
      // Not `[^]`: under the flag `v`, V8 lets it match one character only where it is repeated.
      return node.newline ? "[\\s\\S]" : "[^\\n]"
    case "anchor":
      return anchorText(node, alphabet)
    case "sequence":
      return node.items.map((item) => nodeText(item, alphabet)).join("")
    case "choice":
      return `(?:${node.branches.map((branch) => nodeText(branch, alphabet)).join("|")})`
    case "repeat":
      return repeatText(node, alphabet)
    case "group":
      return `(${node.name === undefined ? "" : `?<${node.name}>`}${nodeText(node.body, alphabet)})`
    case "look":
      return `(?${node.ahead ? "" : "<"}${node.negated ? "!" : "="}${nodeText(node.body, alphabet)})`
    case "reference":
      // The empty group separates the number from a digit that follows.
      return `\\${node.index}(?:)`
  }
}

const characterText = (node: RegexNode & { readonly type: "character" }, alphabet: Alphabet): string => {
  const { code, ignoreCase } = node
  if (alphabet === "ascii" && code > 0x7f) return "[]"
  const character = String.fromCodePoint(code)
  if (!ignoreCase || character.toLowerCase() === character.toUpperCase()) return escapedCharacter(code)
  return setText(
    { type: "set", negated: false, items: [{ type: "range", from: code, to: code }], ignoreCase },
    alphabet
  )
}

const anchorText = (node: RegexNode & { readonly type: "anchor" }, alphabet: Alphabet): string => {
  switch (node.name) {
    case "text-start":
      return "^"
    case "text-end":
      return "$"
    case "text-end-or-last-newline":
      return "(?=\\n?$)"
    case "line-start":
      return "(?<![^\\n])"
    case "line-end":
      return "(?![^\\n])"
    case "word-boundary":
    case "no-word-boundary":
      return boundaryText(node.name === "word-boundary", `[${wordCharacters(node.ascii || alphabet === "ascii")}]`)
  }
}

/** Before version 3.14, Python finds no `\B` in an empty text. */
const boundaryText = (boundary: boolean, word: string): string =>
  boundary
    ? `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`
    : `(?!^$)(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`

const repeatText = (node: RegexNode & { readonly type: "repeat" }, alphabet: Alphabet): string => {
  const body = nodeText(node.body, alphabet)
  const alone = node.body.type === "character" || node.body.type === "set" || node.body.type === "group"
  return `${alone || node.body.type === "any" ? body : `(?:${body})`}${boundsText(node.min, node.max)}${node.lazy ? "?" : ""}`
}

const boundsText = (min: number, max: number): string => {
  if (max !== Number.POSITIVE_INFINITY) return `{${min},${max}}`
  if (min === 0) return "*"
  return min === 1 ? "+" : `{${min},}`
}
