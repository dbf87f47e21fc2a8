import * as os from "node:os"
import * as Effect from "effect/Effect"
import { ask } from "../Program.ts"
import * as Dhcp from "./DhcpServers.ts"
import { readMatchingFiles } from "./MatchingFiles.ts"
import { isNeighbour, parseAddress, parseNetwork } from "./Network.ts"
import { type Claim, makeNeverBanList, type NeverBanList, type Role } from "./NeverBanList.ts"
import { type Interfaces, ownAddresses } from "./OwnAddresses.ts"
import * as Resolvers from "./Resolvers.ts"
import * as Routers from "./Routers.ts"
import * as Ssh from "./SshPeers.ts"
import * as Time from "./TimeServers.ts"

/** The host for which the never-ban list is made. */
export interface NeverBanHost {
  readonly platform: NodeJS.Platform
  /** The root of its files: `/`, or a prepared folder in tests. */
  readonly root: string
  readonly interfaces: Interfaces
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The host that we run on. */
export const thisHost = (): NeverBanHost => ({
  platform: process.platform,
  root: "/",
  interfaces: os.networkInterfaces(),
  environment: process.env
})

/** Finds the texts in a program's answer or in a file that should be addresses; those that are none are ignored. */
type Reader = (text: string) => ReadonlyArray<string>

/** A source of addresses with a role: files, or the answer of a program. */
type Source = { readonly role: Role; readonly read: Reader } & (
  | { readonly files: string }
  | { readonly program: string; readonly args: ReadonlyArray<string> }
)

/** Replaced by the name of each interface in turn. */
const eachInterface = "INTERFACE"

/**
 * All sources but the interfaces and SSH. Every one is tried on every system, since each has packages of chrony, OpenNTPD, unbound
 * and others; one that is missing is ignored. None of them is asked to resolve a name.
 */
const sources: ReadonlyArray<Source> = [
  // FreeBSD, OpenBSD, NetBSD, DragonFly, macOS
  { role: "default router", program: "route", args: ["-n", "get", "default"], read: Routers.routeGateways },
  { role: "default router", program: "route", args: ["-n", "get", "-inet6", "default"], read: Routers.routeGateways },
  { role: "default router", program: "netstat", args: ["-rn"], read: Routers.netstatGateways },
  // Linux
  { role: "default router", program: "ip", args: ["route", "show", "default"], read: Routers.ipGateways },
  { role: "default router", program: "ip", args: ["-6", "route", "show", "default"], read: Routers.ipGateways },

  { role: "resolver", files: "/etc/resolv.conf", read: Resolvers.resolvConf },
  // Where resolv.conf names only a resolver of this host: the servers that this one asks. unbound: FreeBSD's local_unbound, its package, OpenBSD, Linux
  { role: "resolver", files: "/var/unbound/forward.conf", read: Resolvers.unboundConf },
  { role: "resolver", files: "/var/unbound/unbound.conf", read: Resolvers.unboundConf },
  { role: "resolver", files: "/var/unbound/conf.d/*.conf", read: Resolvers.unboundConf },
  { role: "resolver", files: "/var/unbound/etc/unbound.conf", read: Resolvers.unboundConf },
  { role: "resolver", files: "/usr/local/etc/unbound/unbound.conf", read: Resolvers.unboundConf },
  { role: "resolver", files: "/usr/local/etc/unbound/conf.d/*.conf", read: Resolvers.unboundConf },
  { role: "resolver", files: "/usr/pkg/etc/unbound/unbound.conf", read: Resolvers.unboundConf },
  { role: "resolver", files: "/etc/unbound/unbound.conf", read: Resolvers.unboundConf },
  { role: "resolver", files: "/etc/unbound/*.conf.d/*.conf", read: Resolvers.unboundConf },
  { role: "resolver", files: "/etc/unbound/conf.d/*.conf", read: Resolvers.unboundConf },
  // OpenBSD
  { role: "resolver", files: "/etc/unwind.conf", read: Resolvers.unwindConf },
  { role: "resolver", program: "unwindctl", args: ["status", "autoconf"], read: Resolvers.unwindAutoconf },
  // Linux: systemd-resolved, NetworkManager
  { role: "resolver", files: "/run/systemd/resolve/resolv.conf", read: Resolvers.resolvConf },
  { role: "resolver", files: "/run/NetworkManager/no-stub-resolv.conf", read: Resolvers.resolvConf },
  // dnsmasq, named
  { role: "resolver", files: "/etc/dnsmasq.conf", read: Resolvers.dnsmasqConf },
  { role: "resolver", files: "/etc/dnsmasq.d/*", read: Resolvers.dnsmasqConf },
  { role: "resolver", files: "/run/dnsmasq/resolv.conf", read: Resolvers.resolvConf },
  { role: "resolver", files: "/usr/local/etc/dnsmasq.conf", read: Resolvers.dnsmasqConf },
  { role: "resolver", files: "/usr/local/etc/dnsmasq.d/*", read: Resolvers.dnsmasqConf },
  { role: "resolver", files: "/usr/local/etc/namedb/named.conf", read: Resolvers.namedConf },
  { role: "resolver", files: "/var/named/etc/named.conf", read: Resolvers.namedConf },
  { role: "resolver", files: "/etc/bind/named.conf.options", read: Resolvers.namedConf },
  { role: "resolver", files: "/etc/named.conf", read: Resolvers.namedConf },

  // FreeBSD, NetBSD, DragonFly
  { role: "time server", program: "ntpq", args: ["-pn"], read: Time.ntpqPeers },
  { role: "time server", program: "ntpq", args: ["-pnw"], read: Time.ntpqWidePeers },
  { role: "time server", files: "/etc/ntp.conf", read: Time.ntpConf },
  // OpenBSD
  { role: "time server", program: "ntpctl", args: ["-s", "peers"], read: Time.ntpctlPeers },
  { role: "time server", files: "/etc/ntpd.conf", read: Time.ntpConf },
  // Linux, and packages elsewhere
  { role: "time server", program: "chronyc", args: ["-n", "sources"], read: Time.chronySources },
  { role: "time server", program: "chronyc", args: ["-n", "-c", "sources"], read: Time.chronySources },
  { role: "time server", files: "/etc/chrony.conf", read: Time.ntpConf },
  { role: "time server", files: "/etc/chrony/chrony.conf", read: Time.ntpConf },
  { role: "time server", program: "timedatectl", args: ["show-timesync"], read: Time.timesyncServer },

  // FreeBSD, then OpenBSD (dhcpleased), NetBSD and DragonFly (dhcpcd), Linux
  { role: "DHCP server", files: "/var/db/dhclient.leases.*", read: Dhcp.dhclientServers },
  { role: "DHCP server", program: "dhcpleasectl", args: ["-l", eachInterface], read: Dhcp.dhcpleaseServers },
  { role: "DHCP server", program: "dhcpcd", args: ["-U", eachInterface], read: Dhcp.dhcpcdServers },
  { role: "DHCP server", files: "/var/lib/dhcp/dhclient*.leases", read: Dhcp.dhclientServers },
  { role: "DHCP server", files: "/var/lib/dhclient/*.leases", read: Dhcp.dhclientServers },
  { role: "DHCP server", files: "/run/systemd/netif/leases/*", read: Dhcp.networkdServers },
  {
    role: "DHCP server",
    program: "nmcli",
    args: ["-t", "-f", "DHCP4", "device", "show"],
    read: Dhcp.networkManagerServers
  }
]

const configured = (text: string): ReadonlyArray<Claim> => {
  const network = parseNetwork(text)
  return network === undefined ? [] : [{ network, role: "configured", source: "guard.never" }]
}

/** How many programs run at a time. */
const atOnce = 8

/**
 * Gathers the hosts that must never be banned from this host: from the interfaces, the sources above, SSH and the configuration. A
 * source that is missing, fails or does not answer in time adds nothing. It never fails.
 *
 * @param never what `guard.never` adds
 */
export const gatherNeverBan = (host: NeverBanHost, never: ReadonlyArray<string>): Effect.Effect<NeverBanList> => {
  const asked = Effect.forEach(sources, (source) => claimsOf(host, source), { concurrency: atOnce })
  return Effect.map(Effect.all([asked, sshClaims(host)], { concurrency: 2 }), ([claims, ssh]) =>
    makeNeverBanList([
      ...ownAddresses(host.interfaces),
      ...claims.flat(),
      ...ssh,
      ...never.flatMap((text) => configured(text))
    ])
  )
}

const claimsOf = (host: NeverBanHost, source: Source): Effect.Effect<ReadonlyArray<Claim>> => {
  if ("files" in source) {
    return Effect.map(readMatchingFiles(host.root, source.files), (files) =>
      files.flatMap(({ path, text }) => claims(source.role, path, source.read(text)))
    )
  }
  const { program, role, read, args } = source
  const perInterface = args.includes(eachInterface)
  const names = perInterface ? outward(host.interfaces) : [""]
  return Effect.map(
    Effect.forEach(names, (name) =>
      answerOf(
        program,
        args.map((arg) => (arg === eachInterface ? name : arg))
      )
    ),
    (texts) => texts.flatMap((text) => claims(role, program, read(text)))
  )
}

const outward = (interfaces: Interfaces): ReadonlyArray<string> =>
  Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).some(({ internal }) => !internal) ? [name] : []
  )

/** A program's output; an empty text where it is missing, fails or is too slow. */
const answerOf = (program: string, args: ReadonlyArray<string>): Effect.Effect<string> =>
  Effect.map(ask(program, args), (answer) => (answer._tag === "Ended" && answer.status === 0 ? answer.stdout : ""))

const claims = (role: Role, source: string, texts: ReadonlyArray<string>): ReadonlyArray<Claim> =>
  texts.flatMap((text) => {
    const network = parseAddress(text)
    return network !== undefined && isNeighbour(network) ? [{ network, role, source }] : []
  })

const sshClaims = (host: NeverBanHost): Effect.Effect<ReadonlyArray<Claim>> =>
  Effect.map(
    Effect.all([sockstat(host), fstat, ss(host)], { concurrency: 3 }),
    (peers): ReadonlyArray<Claim> => [
      ...peers.flat(),
      ...sshClaim("SSH_CONNECTION", Ssh.sshConnection(host.environment["SSH_CONNECTION"] ?? ""))
    ]
  )

const sshClaim = (source: string, peers: ReadonlyArray<string>) => claims("SSH session", source, peers)

// FreeBSD's sockstat never resolves addresses, and -n would hide the users' names; NetBSD's resolves them without -n.
const sockstat = ({ platform }: NeverBanHost) =>
  Effect.map(answerOf("sockstat", platform === "netbsd" ? ["-n"] : ["-46"]), (text) =>
    sshClaim("sockstat", Ssh.sshPeers(Ssh.sockstatSockets(text)))
  )

const fstat = Effect.map(answerOf("fstat", ["-n"]), (text) => sshClaim("fstat", Ssh.sshPeers(Ssh.fstatSockets(text))))

const ss = (host: NeverBanHost) =>
  answerOf("ss", ["-Hatnp"]).pipe(
    Effect.flatMap((text) => withOwners(host, Ssh.ssSockets(text))),
    Effect.map((sockets) => sshClaim("ss", Ssh.sshPeers(sockets)))
  )

/** Adds whether the user `sshd` holds a socket, which `ss` of Linux does not say. */
const withOwners = (host: NeverBanHost, sockets: ReadonlyArray<Ssh.HeldSocket>) =>
  Effect.gen(function* () {
    const [passwd] = sockets.length === 0 ? [] : yield* readMatchingFiles(host.root, "/etc/passwd")
    const uid = /^_?sshd:[^:]*:(\d+):/m.exec(passwd?.text ?? "")?.[1]
    return yield* Effect.forEach(sockets, (socket) =>
      Effect.map(readMatchingFiles(host.root, `/proc/${socket.pid}/status`), ([status]) => {
        const owner = /^Uid:\s+(\d+)/m.exec(status?.text ?? "")?.[1]
        return { ...socket, user: owner !== undefined && owner === uid ? "sshd" : "" }
      })
    )
  })
