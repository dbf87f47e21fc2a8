import type { Direction } from "../PfLogEntry.ts"
import type { CaptureBytes } from "./PcapRecords.ts"
import { actionName, directionName, isCommonAction, isCommonReason, type PfSystem, reasonName } from "./PfNames.ts"

/**
 * Where the fields of struct pfloghdr stand (net/if_pflog.h of FreeBSD, OpenBSD, NetBSD, DragonFly and macOS agree on these).
 * Rule numbers and ridentifier are in network byte order, uid and pid in that of the machine.
 */
const at = {
  length: 0,
  family: 1,
  action: 2,
  reason: 3,
  interface: 4,
  ruleset: 20,
  rule: 36,
  subrule: 40,
  uid: 44,
  pid: 48,
  direction: 60,
  translatedFamily: 62,
  ridentifier: 64
} as const

const nameLength = 16
/** Up to and with the direction: what every system's header has. NetBSD, DragonFly, macOS and FreeBSD up to 12 give this length. */
const shortestHeader = 61
/** FreeBSD 13 and later add ridentifier and count up to 69; the header is padded to 72. */
const freebsdHeader = { shortest: 68, longest: 72 } as const
/** Headers without anything behind the direction; the longer counts its padding. */
const shortHeaders: ReadonlySet<number> = new Set([shortestHeader, 64])
/** OpenBSD adds the addresses after translation; 84 bytes have been seen. */
const openbsdHeaders: ReadonlySet<number> = new Set([84, 100])
/** The length of OpenBSD's header since 5.0, which has the family after translation (af-to). */
const openbsdHeader = 100

/** AF_INET6 where it identifies the system whose header has 61 bytes. */
const systemsByFamily: ReadonlyMap<number, PfSystem> = new Map([
  [24, "netbsd"],
  [28, "freebsd-12"],
  [30, "macos"]
])
/**
 * What pf notes of a packet without a socket: UID_MAX, and NO_PID beside it. 100000 is of FreeBSD beside the one, of macOS
 * beside the other; 1000000 is DragonFly's, and 32767 that of OpenBSD before 4.5, which has no later names.
 */
const systemsByNoOwner: ReadonlyMap<number, ReadonlyMap<number, PfSystem>> = new Map([
  [
    0x7fff_ffff,
    new Map<number, PfSystem>([
      [30_001, "netbsd"],
      [100_000, "macos"]
    ])
  ],
  [
    0xffff_ffff,
    new Map<number, PfSystem>([
      [100_000, "freebsd-12"],
      [1_000_000, "freebsd-12"],
      [32_767, "unknown"]
    ])
  ]
])

/** The number that pf gives where there is no rule number: the default rule, or a rule outside any anchor. */
const noNumber = 0xffff_ffff
/** UID_MAX of the systems: no socket was looked up. */
const noUids: ReadonlySet<number> = new Set([0xffff_ffff, 0x7fff_ffff])
/** NO_PID (PID_MAX + 1) of FreeBSD, OpenBSD and macOS; NetBSD; old OpenBSD; DragonFly. */
const noPids: ReadonlySet<number> = new Set([100_000, 30_001, 32_767, 1_000_000])

/** pf's own header of a logged packet; its bytes must be there (see {@link pflogHeaderProblem}). */
export class PflogHeader {
  readonly #capture: CaptureBytes
  readonly #start: number

  constructor(capture: CaptureBytes, start: number) {
    this.#capture = capture
    this.#start = start
  }

  /** Length in bytes with the padding behind it: where the packet begins. */
  get paddedLength(): number {
    return (this.length + 3) & ~3
  }

  /** AF_INET or AF_INET6 as the system that captured numbers them. */
  get addressFamily(): number {
    return this.#byte(at.family)
  }

  /** The family after translation, which OpenBSD's header has, where it differs: the packet is of either. */
  get translatedFamily(): number | undefined {
    if (this.length !== openbsdHeader) return undefined
    const family = this.#byte(at.translatedFamily)
    return family === 0 || family === this.addressFamily ? undefined : family
  }

  /** Whether the length is one that some system's header has: of any other only what all headers begin with is known. */
  get isKnown(): boolean {
    return shortHeaders.has(this.length) || this.#isFreebsd || openbsdHeaders.has(this.length)
  }

  /** `match`, …; none for a number without a name. */
  get reasonName(): string | undefined {
    const reason = this.reasonNumber
    return reasonName(isCommonReason(reason) ? "unknown" : this.#system, reason)
  }

  get reasonNumber(): number {
    return this.#byte(at.reason)
  }

  /** `block`, …; none for a number without a name. */
  get actionName(): string | undefined {
    const action = this.actionNumber
    return actionName(isCommonAction(action) ? "unknown" : this.#system, action)
  }

  get actionNumber(): number {
    return this.#byte(at.action)
  }

  /** Which way the packet went; none for a number that means nothing. */
  get direction(): Direction | undefined {
    return directionName(this.directionNumber)
  }

  get directionNumber(): number {
    return this.#byte(at.direction)
  }

  get interface(): string {
    return this.#name(at.interface)
  }

  get ruleset(): string {
    return this.#name(at.ruleset)
  }

  /** The rule number as it stands there, 4294967295 for the default rule. */
  get ruleNumber(): number {
    return this.#capture.view.getUint32(this.#start + at.rule)
  }

  /** The rule number inside an anchor; none where the rule is in none. */
  get subrule(): number | undefined {
    const subrule = this.#capture.view.getUint32(this.#start + at.subrule)
    return subrule === noNumber ? undefined : subrule
  }

  get rule(): number | undefined {
    const rule = this.ruleNumber
    return rule === noNumber ? undefined : rule
  }

  /** The user whose socket the packet belongs to, where pf looked it up. */
  get uid(): number | undefined {
    if (!this.isKnown) return undefined
    const uid = this.#capture.view.getUint32(this.#start + at.uid, this.#capture.littleEndian)
    return noUids.has(uid) ? undefined : uid
  }

  /** The process of that socket, where the system gives it. */
  get pid(): number | undefined {
    const pid = this.#capture.view.getInt32(this.#start + at.pid, this.#capture.littleEndian)
    return this.uid === undefined || pid <= 0 || noPids.has(pid) ? undefined : pid
  }

  /** The number that the rule carries as `ridentifier`; none where it has none (0), or the system does not know any. */
  get ridentifier(): number | undefined {
    if (!this.#isFreebsd) return undefined
    const ridentifier = this.#capture.view.getUint32(this.#start + at.ridentifier)
    return ridentifier === 0 ? undefined : ridentifier
  }

  /** Whether all that the head of a line says is the same in both. */
  hasHeadOf(other: PflogHeader): boolean {
    // Length, action and reason, both names and both rule numbers stand side by side; the direction stands behind them.
    for (let offset: number = at.length; offset < at.uid; offset += 4) {
      if (this.#word(offset) !== other.#word(offset)) return false
    }
    if (this.directionNumber !== other.directionNumber) return false
    // Names that only some systems have depend on more than that.
    if (isCommonReason(this.reasonNumber) && isCommonAction(this.actionNumber)) return true
    return this.#system === other.#system
  }

  /** What the header says of its own length, in bytes. */
  get length(): number {
    return this.#byte(at.length)
  }

  get #isFreebsd(): boolean {
    return this.length >= freebsdHeader.shortest && this.length <= freebsdHeader.longest
  }

  /** The system whose pf wrote the header, as far as it is known. */
  get #system(): PfSystem {
    if (this.#isFreebsd) return "freebsd"
    if (openbsdHeaders.has(this.length)) return "openbsd"
    if (!shortHeaders.has(this.length)) return "unknown"
    const { view, littleEndian } = this.#capture
    const uid = view.getUint32(this.#start + at.uid, littleEndian)
    const pid = view.getUint32(this.#start + at.pid, littleEndian)
    return systemsByNoOwner.get(uid)?.get(pid) ?? systemsByFamily.get(this.addressFamily) ?? "61 bytes"
  }

  #byte(offset: number): number {
    return this.#capture.view.getUint8(this.#start + offset)
  }

  #word(offset: number): number {
    return this.#capture.view.getInt32(this.#start + offset)
  }

  #name(offset: number): string {
    return printableName(this.#capture.view, this.#start + offset)
  }
}

/** A name padded with NUL, its bytes outside printable ASCII as tcpdump writes them (`^A`, `M-a`). */
const printableName = (view: DataView, start: number): string => {
  let name = ""
  for (let index = start; index < start + nameLength; index++) {
    const byte = view.getUint8(index)
    if (byte === 0) break
    name += printable(byte)
  }
  return name
}

const printable = (byte: number): string => {
  const low = byte & 0x7f
  const isControl = low < 0x20 || low === 0x7f
  const character = isControl ? `^${String.fromCharCode(low ^ 0x40)}` : String.fromCharCode(low)
  return byte < 0x80 ? character : `M-${character}`
}

/** tcpdump's remark on a record without a whole header of pf's; none where all of its bytes are there. */
export const pflogHeaderProblem = (capture: CaptureBytes, start: number, end: number): string | undefined => {
  if (end === start) return "[|pflog]"
  const length = capture.view.getUint8(start + at.length)
  if (length < shortestHeader) return "[pflog: invalid header length!]"
  return end - start < ((length + 3) & ~3) ? "[|pflog]" : undefined
}
