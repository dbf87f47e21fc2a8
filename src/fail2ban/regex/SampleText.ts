import { setHas } from "./CharacterSets.ts"
import type { RegexNode } from "./RegexNode.ts"

/** How to make a text that an expression matches. */
export interface SampleRequest {
  /** Different numbers make different choices: 0 takes the first branch of everything and repeats as little as possible. */
  readonly variant: number
  /** The text to use for a group of this name; nothing where one is to be made. */
  readonly groupText: (name: string) => string | undefined
}

/** The characters that are tried for a set, the most useful first. */
const candidates = "1x0a .:-/_AZ>([])\"'=,;<!#$%&*+?@\\^`{|}~"

/** How many times beyond its minimum a part is repeated at most. */
const mostRepeats = 3

/**
 * Makes a text that an expression most likely matches: look-arounds and boundaries are assumed to match, so the caller tries it.
 *
 * @returns the text in pieces, one for each smallest part of the expression: the text from one of the pieces on is what an attacker
 *   would send behind a genuine beginning
 */
export const sampleText = (root: RegexNode, request: SampleRequest): ReadonlyArray<string> =>
  new Sampler(request).pieces(root)

class Sampler {
  private readonly request: SampleRequest
  private readonly groups = new Map<number, string>()
  private state: number

  constructor(request: SampleRequest) {
    this.request = request
    this.state = (request.variant * 2_654_435_761) % 2_147_483_647
  }

  pieces(node: RegexNode): ReadonlyArray<string> {
    switch (node.type) {
      case "sequence":
        return this.sequence(node.items)
      case "choice": {
        const branch = node.branches[this.pick(node.branches.length)]
        return branch === undefined ? [] : this.pieces(branch)
      }
      case "group": {
        const given = node.name === undefined ? undefined : this.request.groupText(node.name)
        const pieces = given === undefined ? this.pieces(node.body) : [given]
        this.groups.set(node.index, pieces.join(""))
        return pieces
      }
      default:
        return [this.text(node)]
    }
  }

  /** Joins characters that follow one another into one piece: cutting within a word is of no use. */
  private sequence(items: ReadonlyArray<RegexNode>): ReadonlyArray<string> {
    const pieces: Array<string> = []
    let inWord = false
    for (const item of items) {
      const isCharacter = item.type === "character"
      if (isCharacter && inWord) pieces.push((pieces.pop() ?? "") + this.text(item))
      else pieces.push(...this.pieces(item))
      inWord = isCharacter
    }
    return pieces
  }

  private text(node: RegexNode): string {
    switch (node.type) {
      case "character":
        return String.fromCodePoint(node.code)
      case "set":
        return this.member([...candidates].filter((character) => setHas(node, character)))
      case "any":
        return this.member(["x", "1", " "])
      case "repeat":
        return this.repeated(node)
      case "reference":
        return this.groups.get(node.index) ?? ""
      case "anchor":
      case "look":
        return ""
      default:
        return this.pieces(node).join("")
    }
  }

  private repeated(node: RegexNode & { readonly type: "repeat" }): string {
    const most = Math.min(node.max, node.min + mostRepeats)
    const count = node.min + this.pick(most - node.min + 1)
    let text = ""
    for (let round = 0; round < Math.min(count, 64); round++) text += this.pieces(node.body).join("")
    return text
  }

  private member(characters: ReadonlyArray<string>): string {
    return characters[this.pick(Math.min(characters.length, 4))] ?? ""
  }

  /** A number below a limit: 0 in the first variant, else by a small generator that gives the same each time. */
  private pick(limit: number): number {
    if (this.request.variant === 0 || limit < 2) return 0
    this.state = (this.state * 48_271) % 2_147_483_647
    return this.state % limit
  }
}
