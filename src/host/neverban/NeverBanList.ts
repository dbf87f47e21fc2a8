import { contains, isSingle, type Network } from "./Network.ts"

/** What an address is to this host, so that a ban of it would harm us. */
export type Role =
  | "own address"
  | "own prefix"
  | "default router"
  | "resolver"
  | "time server"
  | "DHCP server"
  | "SSH session"
  | "configured"

/** One source's statement that an address or network must never be banned. */
export interface Claim {
  readonly network: Network
  readonly role: Role
  /** Where it comes from: an interface, a file, a program. */
  readonly source: string
}

/** Why an address or network is on the list: its role, and all sources that state it. */
export interface Reason {
  readonly role: Role
  readonly sources: ReadonlyArray<string>
}

/** One row of the list: an address or network, with all reasons. */
export interface NeverBanEntry {
  readonly network: Network
  readonly reasons: ReadonlyArray<Reason>
}

/** The never-ban list: each address or network once. */
export interface NeverBanList {
  readonly entries: ReadonlyArray<NeverBanEntry>
  /** The rows that cover an address or a whole network, the narrowest first; none where a ban is allowed. */
  readonly covering: (network: Network) => ReadonlyArray<NeverBanEntry>
}

/** Joins the claims of all sources; an address stands where the first source names it. */
export const makeNeverBanList = (claims: ReadonlyArray<Claim>): NeverBanList => {
  const rows = new Map<string, { readonly network: Network; readonly roles: Map<Role, Set<string>> }>()
  for (const { network, role, source } of claims) {
    const row = rows.get(network.text) ?? { network, roles: new Map() }
    rows.set(network.text, row)
    row.roles.set(role, (row.roles.get(role) ?? new Set()).add(source))
  }
  const entries = [...rows.values()].map(({ network, roles }) => ({
    network,
    reasons: [...roles].map(([role, sources]) => ({ role, sources: [...sources] }))
  }))
  const single = new Map(entries.filter(({ network }) => isSingle(network)).map((entry) => [entry.network.text, entry]))
  const wide = entries
    .filter(({ network }) => !isSingle(network))
    .sort((one, other) => other.network.bits - one.network.bits)
  return {
    entries,
    covering: (network) => {
      const exact = single.get(network.text)
      const around = wide.filter((entry) => contains(entry.network, network))
      return exact === undefined ? around : [exact, ...around]
    }
  }
}

/** A row's reasons as a text: `resolver (/etc/resolv.conf); default router (route)`. */
export const reasonText = ({ reasons }: NeverBanEntry): string =>
  reasons.map(({ role, sources }) => `${role} (${sources.join(", ")})`).join("; ")
