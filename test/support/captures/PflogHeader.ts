import type { Family } from "../../../src/decode/PfLogEntry.ts"
import { addressBytes } from "./Address.ts"
import { Action, Direction, type PfSystem, Reason } from "./PfNumbers.ts"

/** How the pflog header of a system is laid out. All begin with the same 61 bytes. */
export interface HeaderLayout {
  readonly system: PfSystem
  /** What the header says of its own length: its first byte. */
  readonly length: number
  /** The value of `AF_INET6` on that system. */
  readonly ipv6Family: number
  /** Where the number of `ridentifier` stands; only FreeBSD 13 and later have one. */
  readonly ridentifierAt: number | undefined
  /** Whether the addresses and ports after translation follow (OpenBSD since 4.5). */
  readonly rewritten: boolean
}

const layout = (system: PfSystem, length: number, ipv6Family: number): HeaderLayout => ({
  system,
  length,
  ipv6Family,
  ridentifierAt: system === "freebsd" ? 64 : undefined,
  rewritten: system === "openbsd"
})

/** The header of FreeBSD 13 and later: what captures have if nothing else is asked for. */
export const freebsdHeader: HeaderLayout = layout("freebsd", 69, 28)

/**
 * The layouts by the name that `make-capture --header` takes: a system, or a length.
 *
 * Sources: `sys/net/if_pflog.h` of each system. FreeBSD 13 and later says 69 and pads to 72; older ones, NetBSD,
 * DragonFly, macOS and OpenBSD before 4.5 say 61 and pad to 64; OpenBSD says 100. Headers of 64 and 72 bytes that
 * count their padding, and of 84 bytes, are what others have been seen to write.
 */
export const headerLayouts: ReadonlyMap<string, HeaderLayout> = new Map([
  ["freebsd", freebsdHeader],
  ["freebsd-12", layout("freebsd-12", 61, 28)],
  ["openbsd", layout("openbsd", 100, 24)],
  ["openbsd-4.4", layout("openbsd-4.4", 61, 24)],
  ["netbsd", layout("netbsd", 61, 24)],
  ["dragonfly", layout("dragonfly", 61, 28)],
  ["macos", layout("macos", 61, 30)],
  ["61", layout("freebsd-12", 61, 28)],
  ["64", layout("freebsd-12", 64, 28)],
  ["69", freebsdHeader],
  ["72", layout("freebsd", 72, 28)],
  ["84", layout("openbsd-84", 84, 24)],
  ["100", layout("openbsd", 100, 24)]
])

/** What pf notes about a packet: the fields of struct pfloghdr, by their numbers. */
export interface HeaderFields {
  /** None stands for the default rule, 4294967295. */
  readonly rule: number | undefined
  readonly ruleset: string | undefined
  readonly subrule: number | undefined
  readonly reason: number
  readonly action: number
  readonly direction: number
  readonly interface: string
  /** The owner of the socket, where the rule logs `user`. */
  readonly uid: number | undefined
  readonly pid: number | undefined
  readonly ridentifier: number | undefined
  /** What the header says of the address family, where that is a lie. */
  readonly addressFamily?: number
  /** Where the packet goes after translation; OpenBSD's header tells it. */
  readonly rewritten?: {
    readonly source: string
    readonly destination: string
    readonly ports: readonly [number, number]
  }
}

/** Length of the header as it lies in the capture: padded to four bytes. */
export const paddedLength = (header: HeaderLayout): number => (header.length + 3) & ~3

const noNumber = 0xffff_ffff

/** What each system's pf notes of a packet without a socket: UID_MAX and NO_PID. */
const noOwners: Readonly<Record<PfSystem, readonly [uid: number, pid: number]>> = {
  freebsd: [0xffff_ffff, 100_000],
  "freebsd-12": [0xffff_ffff, 100_000],
  openbsd: [0xffff_ffff, 100_000],
  "openbsd-84": [0xffff_ffff, 32_767],
  "openbsd-4.4": [0xffff_ffff, 32_767],
  netbsd: [0x7fff_ffff, 30_001],
  dragonfly: [0xffff_ffff, 1_000_000],
  macos: [0x7fff_ffff, 100_000]
}

/**
 * Writes a pflog header.
 *
 * @param at where in `target` it begins; the bytes from there on must be zero
 * @param littleEndian the byte order of the machine that captured: pf converts the rule numbers to network order, but
 * not the uids and pids
 */
export const writePflogHeader = (
  target: DataView,
  at: number,
  header: HeaderLayout,
  fields: HeaderFields,
  family: Family,
  littleEndian: boolean
): void => {
  target.setUint8(at, header.length)
  target.setUint8(at + 1, fields.addressFamily ?? (family === "ipv4" ? 2 : header.ipv6Family))
  target.setUint8(at + 2, fields.action)
  target.setUint8(at + 3, fields.reason)
  writeName(target, at + 4, fields.interface)
  if (fields.ruleset !== undefined) writeName(target, at + 20, fields.ruleset)
  target.setUint32(at + 36, fields.rule ?? noNumber)
  target.setUint32(at + 40, fields.subrule ?? noNumber)
  const [noUid, noPid] = noOwners[header.system]
  target.setUint32(at + 44, fields.uid ?? noUid, littleEndian)
  target.setUint32(at + 48, fields.pid ?? noPid, littleEndian)
  target.setUint32(at + 56, 1, littleEndian)
  target.setUint8(at + 60, fields.direction)
  if (header.ridentifierAt !== undefined) target.setUint32(at + header.ridentifierAt, fields.ridentifier ?? 0)
  if (header.rewritten && fields.rewritten !== undefined) writeRewritten(target, at, fields.rewritten, family, header)
}

/** A name of at most 15 characters: the kernel cuts it so that a NUL always ends the field of 16. */
export const fieldName = (name: string): string => name.slice(0, 15)

const writeName = (target: DataView, at: number, name: string): void => {
  const length = Math.min(name.length, 15)
  for (let index = 0; index < length; index++) target.setUint8(at + index, name.charCodeAt(index))
}

const writeRewritten = (
  target: DataView,
  at: number,
  rewritten: NonNullable<HeaderFields["rewritten"]>,
  family: Family,
  header: HeaderLayout
): void => {
  target.setUint8(at + 61, 1)
  target.setUint8(at + 62, family === "ipv4" ? 2 : header.ipv6Family)
  addressBytes(rewritten.source).forEach((byte, index) => {
    target.setUint8(at + 64 + index, byte)
  })
  addressBytes(rewritten.destination).forEach((byte, index) => {
    target.setUint8(at + 80 + index, byte)
  })
  target.setUint16(at + 96, rewritten.ports[0])
  target.setUint16(at + 98, rewritten.ports[1])
}

/** The header of a packet that a rule has blocked on its way in. */
export const blockIn = (rule: number, on = "vtnet0"): HeaderFields => ({
  rule,
  ruleset: undefined,
  subrule: undefined,
  reason: Reason.match,
  action: Action.block,
  direction: Direction.in,
  interface: on,
  uid: undefined,
  pid: undefined,
  ridentifier: undefined
})
