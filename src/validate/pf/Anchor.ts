import type { PfRule } from "./Rule.ts"

/** The rules of the anchors that have names, by their paths: pfctl prints the rules of each on request only. */
export type AnchorRules = ReadonlyMap<string, ReadonlyArray<PfRule>>

/** The rules that a call evaluates: those of the anchor at the path, or with a wildcard those of the anchors right below it. */
export interface AnchorCall {
  readonly path: string
  readonly wildcard: boolean
}

/**
 * Finds the anchors that a call means: its name is relative to the anchor that contains the call, unless it begins with a slash;
 * `../` goes up. `*` is a wildcard only as the last part, and only after another part.
 */
export const resolveCall = (within: string, name: string): AnchorCall => {
  const parts = name.startsWith("/") ? [] : within.split("/").filter((part) => part !== "")
  for (const part of name.split("/").filter((one) => one !== "")) {
    if (part === "..") parts.pop()
    else parts.push(part)
  }
  const wildcard = parts.length > 1 && parts.at(-1) === "*"
  return { path: (wildcard ? parts.slice(0, -1) : parts).join("/"), wildcard }
}

/** Whether a call evaluates the rules of the anchor at a path. */
export const evaluates = ({ path, wildcard }: AnchorCall, target: string): boolean =>
  wildcard ? target.slice(0, Math.max(0, target.lastIndexOf("/"))) === path : target === path

/** The path of the rules in an anchor's braces. An anchor without a name gets one that no call can mean. */
export const pathOfInline = (within: string, { call }: PfRule): string => {
  const { path } = resolveCall(within, call === undefined || call === "" ? "_1" : call)
  return path
}

/** The rules that a call evaluates, by the paths of their anchors: those in its braces, or those of the anchors that it names. */
export const calledRules = (
  rule: PfRule,
  within: string,
  anchors: AnchorRules
): ReadonlyArray<readonly [path: string, rules: ReadonlyArray<PfRule>]> => {
  if (rule.inside !== undefined) return [[pathOfInline(within, rule), rule.inside]]
  const call = resolveCall(within, rule.call ?? "")
  return [...anchors].filter(([path]) => evaluates(call, path)).sort(([one], [other]) => (one < other ? -1 : 1))
}

/** All rules in the order of evaluation: each call, and after it the rules of the anchors that it evaluates. */
export const flatten = (
  rules: ReadonlyArray<PfRule>,
  anchors: AnchorRules,
  within = "",
  depth = 0
): ReadonlyArray<{ readonly rule: PfRule; readonly within: string }> =>
  rules.flatMap((rule) => [
    { rule, within },
    ...(rule.action === "anchor" && depth < deepest
      ? calledRules(rule, within, anchors).flatMap(([path, inside]) => flatten(inside, anchors, path, depth + 1))
      : [])
  ])

/** How deep calls are followed: anchors may call each other in a circle. */
export const deepest = 8
