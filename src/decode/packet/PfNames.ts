import type { Direction } from "../PfLogEntry.ts"

/** The systems that a header's length, or what stands in it, identifies. */
export type PfSystem = "freebsd" | "freebsd-12" | "openbsd" | "netbsd" | "macos" | "61 bytes" | "unknown"

/** What the reasons and actions of a system are called beyond those that all have. */
interface LaterNames {
  readonly reasons: ReadonlyArray<string>
  readonly actions: ReadonlyArray<string>
}

/** Reasons by their numbers on all systems (`PFRES_NAMES` of pf.h, tcpdump's print-pflog.c). */
const commonReasons: ReadonlyArray<string> = [
  "match",
  "bad-offset",
  "fragment",
  "short",
  "normalize",
  "memory",
  "bad-timestamp",
  "congestion",
  "ip-option",
  "proto-cksum",
  "state-mismatch",
  "state-insert",
  "state-limit",
  "src-limit",
  "synproxy"
]

/** Actions by their numbers on all systems (`PF_PASS`, … of pf.h, tcpdump's print-pflog.c). */
const commonActions: ReadonlyArray<string> = [
  "pass",
  "block",
  "scrub",
  "noscrub",
  "nat",
  "nonat",
  "binat",
  "nobinat",
  "rdr",
  "nordr",
  "synproxy-drop"
]

const macosActions = ["dummynet", "nodummynet", "nat64", "nonat64"]

const laterNames: Readonly<Record<PfSystem, LaterNames>> = {
  freebsd: { reasons: ["map-failed"], actions: ["defer", "match"] },
  // DragonFly has the same number for AF_INET6, and the first of these actions.
  "freebsd-12": { reasons: [], actions: ["defer", "match"] },
  openbsd: { reasons: ["translate", "no-route"], actions: ["defer", "match", "divert", "rt", "afrt"] },
  netbsd: { reasons: ["state-locked"], actions: [] },
  macos: { reasons: ["dummynet", "invalid-port"], actions: macosActions },
  // Where NetBSD and macOS cannot be told apart, tcpdump names both, and takes the actions of macOS.
  "61 bytes": { reasons: ["state-locked/dummynet", "invalid-port"], actions: macosActions },
  unknown: { reasons: [], actions: [] }
}

/** Whether a number means the same on all systems. */
export const isCommonReason = (reason: number): boolean => reason < commonReasons.length

/** Whether a number means the same on all systems. */
export const isCommonAction = (action: number): boolean => action < commonActions.length

/** The name of a reason; none for a number without one. */
export const reasonName = (system: PfSystem, reason: number): string | undefined =>
  commonReasons[reason] ?? laterNames[system].reasons[reason - commonReasons.length]

/** The name of an action; none for a number without one. */
export const actionName = (system: PfSystem, action: number): string | undefined =>
  commonActions[action] ?? laterNames[system].actions[action - commonActions.length]

/** Directions by their numbers on all systems (`PF_INOUT`, … of pf.h; OpenBSD alone has the last). */
const directions: ReadonlyArray<Direction> = ["in/out", "in", "out", "fwd"]

/** The name of a direction; none for a number without one. */
export const directionName = (direction: number): Direction | undefined => directions[direction]
