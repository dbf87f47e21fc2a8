import * as Effect from "effect/Effect"
import { type Answer, ask } from "../../host/Program.ts"
import { type AnchorCall, resolveCall } from "./Anchor.ts"
import type { BanAnchor, LoadedRules } from "./Evaluation.ts"
import type { Groups } from "./PacketClass.ts"
import { type PfRule, parseRules } from "./Rule.ts"

/** How many anchors are read; hosts with more have them from programs that make one for each connection. */
const mostAnchors = 40

const textOf = (answer: Answer): string | undefined =>
  answer._tag === "Ended" && answer.status === 0 ? answer.stdout : undefined

/** All rules that pf has loaded; nothing where pfctl does not list them. */
export const readRules = (logInterface: string): Effect.Effect<LoadedRules | undefined> =>
  Effect.gen(function* () {
    const filter = textOf(yield* ask("pfctl", ["-sr"]))
    if (filter === undefined) return undefined
    // OpenBSD has no separate rules for translation, and refuses the flag.
    const translation = textOf(yield* ask("pfctl", ["-sn"])) ?? ""
    const filterRules = parseRules(filter)
    const translationRules = parseRules(translation)
    const anchors = yield* readAnchors(filterRules, "-sr")
    return {
      filter: filterRules,
      translation: translationRules,
      anchors,
      translationAnchors: yield* readAnchors(translationRules, "-sn"),
      groups: yield* readGroups([...filterRules, ...translationRules, ...[...anchors.values()].flat()]),
      logInterface
    }
  })

/** The rules of the anchors that are called, and of those that these call. */
const readAnchors = (
  rules: ReadonlyArray<PfRule>,
  flag: "-sr" | "-sn"
): Effect.Effect<ReadonlyMap<string, ReadonlyArray<PfRule>>> =>
  Effect.gen(function* () {
    const anchors = new Map<string, ReadonlyArray<PfRule>>()
    const pending = [...callsIn(rules, "")]
    for (const call of pending) {
      for (const path of call.wildcard ? yield* childrenOf(call.path) : [call.path]) {
        if (path === "" || anchors.has(path) || anchors.size >= mostAnchors) continue
        const inside = parseRules(textOf(yield* ask("pfctl", ["-a", path, flag])) ?? "")
        anchors.set(path, inside)
        pending.push(...callsIn(inside, path))
      }
    }
    return anchors
  })

const callsIn = (rules: ReadonlyArray<PfRule>, within: string): ReadonlyArray<AnchorCall> =>
  rules.flatMap(({ call, inside }) => {
    if (inside !== undefined) return callsIn(inside, resolveCall(within, call === "" ? "_1" : (call ?? "")).path)
    return call === undefined || call === "" ? [] : [resolveCall(within, call)]
  })

/** The anchors right below one: pfctl prints their paths, one on each line. */
const childrenOf = (path: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(ask("pfctl", ["-a", path, "-s", "Anchors"]), (answer) =>
    (textOf(answer) ?? "").split("\n").flatMap((line) => {
      const child = line.trim()
      if (child === "") return []
      return [child.startsWith(`${path}/`) ? child : `${path}/${child}`]
    })
  )

/** The interfaces of each group that a rule names; a group that the host does not list is left out. */
const readGroups = (rules: ReadonlyArray<PfRule>): Effect.Effect<Groups> => {
  const named = (list: ReadonlyArray<PfRule>): ReadonlyArray<string> =>
    list.flatMap(({ on, inside }) => [...(on === undefined ? [] : [on.name]), ...named(inside ?? [])])
  const groups = [...new Set(named(rules))].filter((name) => !/\d$/.test(name))
  return Effect.map(
    Effect.forEach(groups, (name) => Effect.map(ask("ifconfig", ["-g", name]), (answer) => [name, answer] as const)),
    (answers) =>
      new Map(
        answers.flatMap(([name, answer]) => {
          const members = (textOf(answer) ?? "").split(/\s+/).filter((member) => /^\w+\d$/.test(member))
          return members.length === 0 ? [] : [[name, members]]
        })
      )
  )
}

/** The rules that fail2ban has loaded for a jail. */
export const readBanAnchor = (path: string): Effect.Effect<BanAnchor> =>
  Effect.map(ask("pfctl", ["-a", path, "-sr"]), (answer) => ({ path, rules: parseRules(textOf(answer) ?? "") }))
