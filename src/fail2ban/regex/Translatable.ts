import * as Either from "effect/Either"
import { PatternError } from "./PatternError.ts"
import type { PythonRegex } from "./PythonRegex.ts"
import { childrenOf, type RegexNode } from "./RegexNode.ts"

/**
 * Finds what Python forbids beyond the syntax, and the places where JavaScript's groups behave differently from Python's:
 *
 * - a back-reference to a group without a match never matches in Python, and matches the empty text in JavaScript;
 * - a group inside a repetition keeps its last value in Python, and loses it at each round in JavaScript.
 */
export const checkTranslatable = (regex: PythonRegex): Either.Either<void, PatternError> => {
  const problem = lookBehindProblem(regex.root) ?? referenceProblem(regex.root) ?? forgottenGroup(regex)
  if (problem === undefined) return Either.right(undefined)
  return Either.left(new PatternError({ ...problem, place: 0, pattern: regex.pattern }))
}

interface Problem {
  readonly reason: "invalid" | "unsupported"
  readonly construct: string
}

const firstProblem = <A>(items: ReadonlyArray<A>, problemOf: (item: A) => Problem | undefined): Problem | undefined => {
  for (const item of items) {
    const problem = problemOf(item)
    if (problem !== undefined) return problem
  }
  return undefined
}

const lookBehindProblem = (node: RegexNode): Problem | undefined => {
  if (node.type === "look" && !node.ahead) {
    const { min, max } = widthOf(node.body)
    if (min !== max) return { reason: "invalid", construct: "look-behind requires fixed-width pattern" }
  }
  return firstProblem(childrenOf(node), lookBehindProblem)
}

interface Width {
  readonly min: number
  readonly max: number
}

const widthOf = (node: RegexNode): Width => {
  switch (node.type) {
    case "character":
    case "set":
    case "any":
      return { min: 1, max: 1 }
    case "anchor":
    case "look":
      return { min: 0, max: 0 }
    case "group":
      return widthOf(node.body)
    case "reference":
      return { min: 0, max: Number.POSITIVE_INFINITY }
    case "repeat": {
      const body = widthOf(node.body)
      return { min: body.min * node.min, max: body.max === 0 ? 0 : body.max * node.max }
    }
    case "choice": {
      const widths = node.branches.map(widthOf)
      return { min: Math.min(...widths.map(({ min }) => min)), max: Math.max(...widths.map(({ max }) => max)) }
    }
    case "sequence": {
      const widths = node.items.map(widthOf)
      return { min: sum(widths.map(({ min }) => min)), max: sum(widths.map(({ max }) => max)) }
    }
  }
}

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

/** Finds a bad back-reference, in the order of matching; `certain` are the groups that surely have a match by then. */
const referenceProblem = (node: RegexNode, certain: Set<number> = new Set()): Problem | undefined => {
  switch (node.type) {
    case "reference":
      if (certain.has(node.index)) return undefined
      return { reason: "unsupported", construct: `back-reference to group ${node.index}, which may not take part` }
    case "sequence":
      return firstProblem(node.items, (item) => referenceProblem(item, certain))
    case "choice":
      return firstProblem(node.branches, (branch) => referenceProblem(branch, new Set(certain)))
    case "repeat":
      return referenceProblem(node.body, node.min === 0 ? new Set(certain) : certain)
    case "look":
      return referenceProblem(node.body, node.negated ? new Set(certain) : certain)
    case "group": {
      const problem = referenceProblem(node.body, certain)
      certain.add(node.index)
      return problem
    }
    default:
      return undefined
  }
}

/** Finds a named group that a later round of a repetition may skip, which would lose its value. */
const forgottenGroup = (regex: PythonRegex): Problem | undefined => {
  const problemIn = (node: RegexNode, repeated: boolean, optional: boolean): Problem | undefined => {
    if (node.type === "group" && node.name !== undefined && repeated && optional)
      return { reason: "unsupported", construct: `group "${node.name}" that a repetition may skip` }
    const repeats = node.type === "repeat" && node.max > 1
    const inside = repeated || repeats
    const skippable = repeats ? false : optional || node.type === "choice" || (node.type === "repeat" && node.min === 0)
    return firstProblem(childrenOf(node), (child) => problemIn(child, inside, skippable))
  }
  return problemIn(regex.root, false, false)
}
