import { isAbsolute, resolve } from "node:path"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { isTooWide, parseNetwork } from "../host/neverban/Network.ts"

/** What is done with a file. */
export type Access = "read" | "written" | "run"

/** One thing that a person can configure. */
export interface Setting<A> {
  /** Its flag of `run`, without the dashes, from which the name of its environment variable is derived. */
  readonly flag: string
  /** What the flag's value stands for in the help. */
  readonly placeholder: string
  /** What it is for, in one sentence. */
  readonly description: string
  /** What is accepted, as the end of a sentence that begins with "accepted:". */
  readonly accepted: string
  /** The default, as it would be written in the file. */
  readonly default: string | number | ReadonlyArray<string>
  /** What is done with the file that it names, if it names one: a file that is written must have no other use. */
  readonly access?: Access
  /** Checks and converts a value of a flag, a variable or the file; none where it is not accepted. */
  readonly decode: (raw: unknown) => Option.Option<A>
  /**
   * Makes a flag's value independent of the caller's folder, where the setting names files. Only its flag takes a relative path:
   * a service, which runs in another folder, reads the file and the environment too.
   */
  readonly absolute: ((raw: unknown) => unknown) | undefined
}

/** Checks and converts a raw value; `undefined` where it is not accepted. */
type Parse<A> = (raw: unknown) => A | undefined

/** Declares a setting: `parse` decides what is valid, and `accepted` says it to a person. */
const setting =
  <A>(accepted: string, parse: Parse<A>, absolute?: (raw: unknown) => unknown) =>
  (parts: Omit<Setting<A>, "decode" | "accepted" | "absolute">): Setting<A> => ({
    ...parts,
    accepted,
    absolute,
    decode: (raw) => Option.fromNullable(parse(raw))
  })

/** The text of a value that may be written without quotes too, such as permissions or a size. */
const asText = (raw: unknown): string | undefined =>
  typeof raw === "string" ? raw : typeof raw === "number" ? String(raw) : undefined

const textMatching =
  (pattern: RegExp): Parse<string> =>
  (raw) =>
    typeof raw === "string" && pattern.test(raw) ? raw : undefined

/** Any text, the empty one included. */
export const text = setting("a text", textMatching(/^[^\0]*$/s))

/** A single word that can't pass for an option. */
export const word = (accepted: string) => setting(accepted, textMatching(/^[^\0\s-][^\0\s]*$/))

/** A user's name, or nothing. */
export const userName = setting('a user\'s name, or "" for none', textMatching(/^([A-Za-z_][\w.$-]*)?$/))

/** A setting that names a file. */
const fileSetting =
  <A>(access: Access, accepted: string, parse: Parse<A>, absolute: (raw: unknown) => unknown) =>
  (parts: Omit<Setting<A>, "decode" | "accepted" | "access" | "absolute">): Setting<A> =>
    setting(accepted, parse, absolute)({ ...parts, access })

/** The absolute form of a path; a dash, for standard input, and an empty text stay as they are. */
const absolutePath = (raw: unknown): unknown =>
  typeof raw === "string" && raw !== "" && raw !== "-" && !raw.includes("\0") ? resolve(raw) : raw

const isAbsoluteOr = (raw: unknown, ...others: ReadonlyArray<string>): raw is string =>
  typeof raw === "string" && !raw.includes("\0") && (isAbsolute(raw) || others.includes(raw))

const onlyPaths =
  (...others: ReadonlyArray<string>): Parse<string> =>
  (raw) =>
    isAbsoluteOr(raw, ...others) ? raw : undefined

/** The path of a program, or its name on PATH. */
export const program = fileSetting(
  "run",
  "a program's name, or its absolute path",
  (raw) => (isAbsoluteOr(raw) || (typeof raw === "string" && /^[^\0/-][^\0/]*$/.test(raw)) ? raw : undefined),
  (raw) => (typeof raw === "string" && raw.includes("/") ? absolutePath(raw) : raw)
)

/** A file that we write. */
export const path = fileSetting("written", "an absolute path", onlyPaths(), absolutePath)

/** A file that we write, or none. */
export const optionalPath = fileSetting("written", 'an absolute path, or "" for none', onlyPaths(""), absolutePath)

/** Files to read, in order: one path or a list of them. */
export const paths = fileSetting(
  "read",
  'an absolute path, a list of them, "-" for standard input, or "" for none',
  (raw) => {
    const list: ReadonlyArray<unknown> = Array.isArray(raw) ? raw : [raw]
    const files = list.filter((file) => isAbsoluteOr(file, "-", ""))
    return files.length === list.length ? files.filter((file) => file !== "") : undefined
  },
  (raw) => (Array.isArray(raw) ? raw.map(absolutePath) : absolutePath(raw))
)

/** Addresses and networks: a list, or one text with blanks or commas between them; each as `Network` writes it. */
export const networks = setting(
  'addresses and networks such as "192.0.2.10" and "2001:db8::/32", in a list or with blanks between; no names, and none wider than /8 (IPv6: /16)',
  (raw) => {
    const list = Array.isArray(raw) ? raw : [raw]
    const texts = list.flatMap((text) =>
      typeof text === "string" ? text.split(/[\s,]+/).filter(Boolean) : [undefined]
    )
    const accepted = texts.flatMap((text) => {
      const network = text === undefined ? undefined : parseNetwork(text)
      return network === undefined || isTooWide(network) ? [] : [network.text]
    })
    return accepted.length === texts.length ? accepted : undefined
  }
)

/** One of the names in a table; the description lists them all, with their meanings, after `purpose`. */
export const choice = <Table extends Readonly<Record<string, { readonly summary: string }>>>(table: Table) => {
  type Name = keyof Table & string
  const isName = (raw: unknown): raw is Name => typeof raw === "string" && Object.hasOwn(table, raw)
  const declare = setting<Name>(`one of ${Object.keys(table).join(", ")}`, (raw) => (isName(raw) ? raw : undefined))
  return ({ purpose, ...parts }: ChoiceParts & { readonly default: Name }): Setting<Name> =>
    declare({ ...parts, description: `${purpose}: ${listOf(table)}.` })
}

interface ChoiceParts extends Pick<Setting<unknown>, "flag" | "placeholder"> {
  /** What is chosen, as a sentence without its end. */
  readonly purpose: string
}

/** `ascii (tcpdump's text), json (ECS) or filterlog (pfSense's CSV)`. */
const listOf = (table: Readonly<Record<string, { readonly summary: string }>>): string => {
  const items = Object.entries(table).map(([name, { summary }]) => `${name} (${summary})`)
  const last = items.pop() ?? ""
  return items.length === 0 ? last : `${items.join(", ")} or ${last}`
}

/** File permissions, as chmod(1) takes them in octal. */
export const fileMode = setting(
  'permissions in octal, such as "0640", without execute or special bits, readable and writable by the owner',
  (raw) => {
    const digits = asText(raw)
    return digits !== undefined && /^0?6[0246][0246]$/.test(digits) ? Number.parseInt(digits, 8) : undefined
  }
)

/** Timers count at most 2^31 - 1 ms, 24.8 days; with more they would fire at once or never. */
const longest = Duration.days(24)

/** A span of time with its unit. */
const duration = (least: Duration.DurationInput, accepted: string) =>
  setting(accepted, (raw) => {
    // `Duration` turns a negative span into none.
    const isSpan = typeof raw === "string" && !raw.startsWith("-")
    const span = isSpan ? Option.getOrUndefined(Duration.decodeUnknown(raw)) : undefined
    return span !== undefined && Duration.between(span, { minimum: least, maximum: longest }) ? span : undefined
  })

const durationExamples = 'of at most 24 days, such as "250 millis", "30 seconds" or "1 minute"'

/** A span of time longer than none. */
export const someTime = duration("1 millis", `a duration ${durationExamples}`)

/** A span of time, or none. */
export const timeOrNone = duration(0, `a duration ${durationExamples}, or "0 seconds" for none`)

/** A whole number between two bounds. */
export const wholeNumber = (least: number, most: number) =>
  setting(`a whole number from ${least} to ${most}`, (raw) => {
    const digits = asText(raw) ?? ""
    const number = /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
    return number !== undefined && number >= least && number <= most ? number : undefined
  })

const units: Readonly<Record<string, number>> = { "": 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** A number of bytes between two bounds. */
export const byteSize = (least: number, most: number, accepted: string) =>
  setting(accepted, (raw) => {
    const parts = /^(\d{1,12}) ?(KiB|MiB|GiB)?$/.exec(asText(raw) ?? "")
    if (parts === null) return undefined
    const bytes = Number(parts[1]) * (units[parts[2] ?? ""] ?? 1)
    return bytes >= least && bytes <= most ? bytes : undefined
  })
