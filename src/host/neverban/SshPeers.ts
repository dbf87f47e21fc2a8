/** One end of a TCP connection that a process of this host holds. */
export interface HeldSocket {
  readonly user: string
  readonly program: string
  readonly pid: number
  readonly local: string
  /** `*:*` for a socket that listens. */
  readonly foreign: string
}

/**
 * The hosts that are logged in by SSH: those connected to a port on which sshd listens, not those to which somebody here is logged
 * in, nor the ends of a tunnel. A connection that is not logged in yet has a process of the user `sshd` (`_sshd` on OpenBSD)
 * beside root's: it does not count, since a host that guesses passwords would be on the list otherwise.
 */
export const sshPeers = (sockets: ReadonlyArray<HeldSocket>): ReadonlyArray<string> => {
  const ofSshd = sockets.filter(({ program }) => /^(sshd|dropbear)/.test(program))
  const isListening = ({ foreign }: HeldSocket) => /^\*[.:]\*$/.test(foreign)
  const ports = new Set(ofSshd.filter(isListening).map(({ local }) => portOf(local)))
  // inetd has started it, or it was stopped and its sessions go on.
  if (ports.size === 0) ports.add("22")
  const sessions = ofSshd.filter((socket) => !isListening(socket) && ports.has(portOf(socket.local)))
  const unauthenticated = new Set(sessions.filter(isBeforeLogin).map(connectionOf))
  return [
    ...new Set(
      sessions.filter((socket) => !unauthenticated.has(connectionOf(socket))).map(({ foreign }) => hostOf(foreign))
    )
  ]
}

const isBeforeLogin = ({ user, program }: HeldSocket): boolean =>
  /^_?sshd$/.test(user) || program.startsWith("sshd-auth")

const connectionOf = ({ local, foreign }: HeldSocket): string => `${local} ${foreign}`

// 192.0.2.1:22, [2001:db8::1]:22, FreeBSD's 2001:db8::1:22, NetBSD's 192.0.2.1.22.
const endOf = (end: string) => /^\[?(.*?)\]?[.:](\d+)$/.exec(end)
const portOf = (end: string): string => endOf(end)?.[2] ?? ""
const hostOf = (end: string): string => endOf(end)?.[1] ?? ""

/** The sockets of sockstat(1): of FreeBSD, DragonFly and NetBSD. */
export const sockstatSockets = (text: string): ReadonlyArray<HeldSocket> =>
  text.split("\n").flatMap((line) => {
    const [user = "", program = "", pid = "", , protocol = "", local = "", foreign = ""] = line.trim().split(/\s+/)
    return /^tcp/.test(protocol) && foreign !== "" ? [{ user, program, pid: Number(pid), local, foreign }] : []
  })

/** The sockets of OpenBSD's fstat(1): `root sshd 4711 4* internet stream tcp 0x0 192.0.2.1:22 <-- 192.0.2.9:51234`. */
export const fstatSockets = (text: string): ReadonlyArray<HeldSocket> =>
  text.split("\n").flatMap((line) => {
    const parts =
      /^(\S+)\s+(\S+)\s+(\d+)\s+\d+\*\s+internet6?\s+stream\s+tcp\s+(?:0x\w+\s+)?(\S+)(?:\s+(<--|-->)\s+(\S+))?/.exec(
        line
      )
    const [, user = "", program = "", pid = "", local = "", arrow, foreign = "*:*"] = parts ?? []
    // An arrow to the right: a process of this host has opened the connection.
    return parts === null || arrow === "-->" ? [] : [{ user, program, pid: Number(pid), local, foreign }]
  })

/** The sockets of Linux's `ss -Hatnp`, which does not name the users of the processes. */
export const ssSockets = (text: string): ReadonlyArray<HeldSocket> =>
  text.split("\n").flatMap((line) => {
    const [state = "", , , local = "", foreign = "", ...rest] = line.trim().split(/\s+/)
    if (state !== "LISTEN" && state !== "ESTAB") return []
    const holders = [...rest.join(" ").matchAll(/\("([^"]*)",pid=(\d+),/g)]
    return holders.map(([, program = "", pid = ""]) => ({
      user: "",
      program,
      pid: Number(pid),
      local: local.replace(/%[^\]:]*/, ""),
      foreign: state === "LISTEN" ? "*:*" : foreign
    }))
  })

/** The caller's own host: sshd's SSH_CONNECTION, `CLIENT PORT SERVER PORT`. */
export const sshConnection = (value: string): ReadonlyArray<string> => value.split(" ").slice(0, 1)
