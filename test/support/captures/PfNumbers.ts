/** The systems whose pf writes the pflog headers that the captures hold. */
export type PfSystem =
  | "freebsd"
  | "freebsd-12"
  | "openbsd"
  | "openbsd-84"
  | "openbsd-4.4"
  | "netbsd"
  | "dragonfly"
  | "macos"

/** Numbers of the actions that most captures need (`PF_PASS`, … of pf.h, the same on all systems). */
export const Action = { pass: 0, block: 1, scrub: 2, nat: 4, rdr: 8 } as const

/** Numbers of the reasons that most captures need (`PFRES_MATCH`, … of pf.h, the same on all systems). */
export const Reason = {
  match: 0,
  badOffset: 1,
  fragment: 2,
  short: 3,
  normalize: 4,
  ipOption: 8,
  stateMismatch: 10
} as const

/** Numbers of the directions (`PF_INOUT`, … of pf.h). */
export const Direction = { both: 0, in: 1, out: 2, forward: 3 } as const

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

const laterReasons: Readonly<Record<PfSystem, ReadonlyArray<string>>> = {
  freebsd: ["map-failed"],
  "freebsd-12": [],
  openbsd: ["translate", "no-route"],
  "openbsd-84": ["translate", "no-route"],
  "openbsd-4.4": [],
  netbsd: ["state-locked"],
  dragonfly: [],
  macos: ["dummynet", "invalid-port"]
}

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

const laterActions: Readonly<Record<PfSystem, ReadonlyArray<string>>> = {
  freebsd: ["defer", "match"],
  "freebsd-12": ["defer", "match"],
  openbsd: ["defer", "match", "divert", "rt", "afrt"],
  "openbsd-84": ["defer", "match", "divert", "rt", "afrt"],
  "openbsd-4.4": [],
  netbsd: [],
  dragonfly: ["defer"],
  macos: ["dummynet", "nodummynet", "nat64", "nonat64"]
}

/** The name of a reason on that system (pf.h, tcpdump's print-pflog.c), its decimal digits where it has none. */
export const reasonName = (system: PfSystem, reason: number): string =>
  commonReasons[reason] ?? laterReasons[system][reason - commonReasons.length] ?? String(reason)

/** The name of an action on that system (pf.h, tcpdump's print-pflog.c), its decimal digits where it has none. */
export const actionName = (system: PfSystem, action: number): string =>
  commonActions[action] ?? laterActions[system][action - commonActions.length] ?? String(action)
