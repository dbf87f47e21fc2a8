/** A class of characters that has a letter: `\d`, `\w`, `\s`. */
export type ClassLetter = "d" | "w" | "s"

/** One member of a set in brackets. */
export type SetItem =
  | { readonly type: "range"; readonly from: number; readonly to: number }
  | { readonly type: "class"; readonly letter: ClassLetter; readonly negated: boolean; readonly ascii: boolean }

/** The places that an expression can match without consuming a character. */
export type AnchorName =
  | "text-start"
  | "line-start"
  | "text-end"
  | "line-end"
  | "text-end-or-last-newline"
  | "word-boundary"
  | "no-word-boundary"

/** A regular expression of Python's `re`, read into a tree. */
export type RegexNode =
  | { readonly type: "character"; readonly code: number; readonly ignoreCase: boolean }
  | {
      readonly type: "set"
      readonly negated: boolean
      readonly items: ReadonlyArray<SetItem>
      readonly ignoreCase: boolean
    }
  | { readonly type: "any"; readonly newline: boolean }
  | { readonly type: "anchor"; readonly name: AnchorName; readonly ascii: boolean }
  | { readonly type: "sequence"; readonly items: ReadonlyArray<RegexNode> }
  | { readonly type: "choice"; readonly branches: ReadonlyArray<RegexNode> }
  | {
      readonly type: "repeat"
      readonly body: RegexNode
      readonly min: number
      /** `Infinity` without a limit. */
      readonly max: number
      readonly lazy: boolean
    }
  | { readonly type: "group"; readonly index: number; readonly name: string | undefined; readonly body: RegexNode }
  | { readonly type: "look"; readonly ahead: boolean; readonly negated: boolean; readonly body: RegexNode }
  | { readonly type: "reference"; readonly index: number; readonly ignoreCase: boolean }

/** The nodes directly below a node. */
export const childrenOf = (node: RegexNode): ReadonlyArray<RegexNode> => {
  switch (node.type) {
    case "sequence":
      return node.items
    case "choice":
      return node.branches
    case "repeat":
    case "group":
    case "look":
      return [node.body]
    default:
      return []
  }
}
