import * as fs from "node:fs/promises"
import * as os from "node:os"
import * as Effect from "effect/Effect"
import * as ipaddr from "ipaddr.js"
import { ask } from "../host/Program.ts"
import type { HostFiles } from "../host/System.ts"

/** An address that must never be banned, since this host depends on it. */
export interface Neighbour {
  readonly address: string
  readonly role: "this host" | "the gateway" | "a resolver"
}

/** This host's own addresses, its gateways and its resolvers; those of the loopback interface left out. */
export const findNeighbours = (files: Pick<HostFiles, "resolvConf">): Effect.Effect<ReadonlyArray<Neighbour>> =>
  Effect.map(Effect.all([ownAddresses, gateways, resolvers(files.resolvConf)], { concurrency: 3 }), (found) => {
    const seen = new Set<string>()
    return found.flat().filter(({ address }) => {
      const isNew = !seen.has(address) && ipaddr.isValid(address) && ipaddr.parse(address).range() !== "loopback"
      seen.add(address)
      return isNew
    })
  })

const ownAddresses: Effect.Effect<ReadonlyArray<Neighbour>> = Effect.sync(() =>
  Object.values(os.networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => ({ address: withoutScope(address), role: "this host" as const }))
  )
)

// The BSDs: "    gateway: 192.0.2.1". Linux: "default via 192.0.2.1 dev eth0".
const gateways: Effect.Effect<ReadonlyArray<Neighbour>> = Effect.map(
  Effect.all(
    [
      ask("route", ["-n", "get", "default"]),
      ask("route", ["-n", "get", "-inet6", "default"]),
      ask("ip", ["route", "show", "default"]),
      ask("ip", ["-6", "route", "show", "default"])
    ],
    { concurrency: 4 }
  ),
  (answers) =>
    answers
      .map((answer) => (answer._tag === "Ended" ? answer.stdout : ""))
      .flatMap((text) => [...text.matchAll(/^(?:\s*gateway:|default via) (\S+)/gm)])
      .map(([, address = ""]) => ({ address: withoutScope(address), role: "the gateway" as const }))
)

const resolvers = (resolvConf: string): Effect.Effect<ReadonlyArray<Neighbour>> =>
  Effect.promise(() => fs.readFile(resolvConf, "utf8").catch(() => "")).pipe(
    Effect.map((text) =>
      [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address = ""]) => ({
        address: withoutScope(address),
        role: "a resolver" as const
      }))
    )
  )

// fe80::1%em0: an address of one link. fail2ban reads it from the log without the link's name.
const withoutScope = (address: string): string => address.replace(/%.*$/, "")

/** Whether one of fail2ban's `ignoreip` entries, an address or a network, covers an address. */
export const isCovered = (address: string, ignoreip: ReadonlyArray<string>): boolean =>
  ignoreip.some((entry) => {
    const [network = "", length] = entry.split("/")
    if (!ipaddr.isValid(network)) return false
    const parsed = ipaddr.process(address)
    const base = ipaddr.parse(network)
    if (parsed.kind() !== base.kind()) return false
    const bits = length ?? (base.kind() === "ipv4" ? "32" : "128")
    return parsed.match(base, prefixLength(bits))
  })

// fail2ban takes 192.0.2.0/24 and 192.0.2.0/255.255.255.0.
const prefixLength = (bits: string): number =>
  ipaddr.IPv4.isValidFourPartDecimal(bits) ? (ipaddr.IPv4.parse(bits).prefixLengthFromSubnetMask() ?? 32) : Number(bits)
