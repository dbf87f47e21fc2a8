import { isAbsolute, resolve } from "node:path"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { isTooWide, parseNetwork } from "../host/neverban/Network.ts"

/** What is done with a file. */
export type Access = "read" | "written" | "run"

/** One thing that a person can configure. */
export interface Setting<A> {
  /** Its flag of `run`, without the dashes; its environment variable is derived from it. */
  readonly flag: string
  /** What the flag's value stands for in the help. */
  readonly placeholder: string
  /** What it is for, in one sentence. */
  readonly description: string
  /** What is accepted, in words that complete "accepted: …". */
  readonly accepted: string
  /** The default, as one would write it in the file. */
  readonly default: string | number | ReadonlyArray<string>
  /** What is done with the file that it names, if it names one: no other may be the same where one is written. */
  readonly access?: Access
  /** Reads what a flag, a variable or the file holds by the setting's schema; none where it isn't accepted. */
  readonly decode: (raw: unknown) => Option.Option<A>
  /**
   * What makes a flag's value independent of the caller's folder; only a setting that names files has it, and only of its
   * flag a relative path is accepted: the file and the environment are read by a service too, which runs elsewhere.
   */
  readonly absolute: ((raw: unknown) => unknown) | undefined
}

/** Declares a setting: its schema decides what is valid, `accepted` tells it to a person. */
const setting =
  <A>(accepted: string, schema: Schema.Schema<A, unknown>, absolute?: (raw: unknown) => unknown) =>
  (parts: Omit<Setting<A>, "decode" | "accepted" | "absolute">): Setting<A> => ({
    ...parts,
    accepted,
    absolute,
    decode: Schema.decodeUnknownOption(schema)
  })

/** A schema for what a flag, a variable or the file holds; `parse` gives `undefined` where it isn't accepted. */
const parsed = <A>(target: Schema.Schema<A>, parse: (raw: unknown) => A | undefined): Schema.Schema<A, unknown> =>
  Schema.transformOrFail(Schema.Unknown, target, {
    strict: true,
    decode: (raw, _options, ast) => {
      const value = parse(raw)
      return value === undefined ? ParseResult.fail(new ParseResult.Type(ast, raw)) : ParseResult.succeed(value)
    },
    encode: ParseResult.succeed
  })

/** Permissions and sizes may be written without quotes too. */
const asText = (raw: unknown): string | undefined =>
  typeof raw === "string" ? raw : typeof raw === "number" ? String(raw) : undefined

const textMatching = (pattern: RegExp) =>
  parsed(Schema.String, (raw) => (typeof raw === "string" && pattern.test(raw) ? raw : undefined))

/** Any text, the empty one included. */
export const text = setting("a text", textMatching(/^[^\0]*$/s))

/** A text of at least one character that can't be taken for an option. */
export const word = (accepted: string) => setting(accepted, textMatching(/^[^\0\s-][^\0\s]*$/))

/** A user's name, or nothing. */
export const userName = setting('a user\'s name, or "" for none', textMatching(/^([A-Za-z_][\w.$-]*)?$/))

/** A setting that names a file. */
const fileSetting =
  <A>(access: Access, accepted: string, schema: Schema.Schema<A, unknown>, absolute: (raw: unknown) => unknown) =>
  (parts: Omit<Setting<A>, "decode" | "accepted" | "access" | "absolute">): Setting<A> =>
    setting(accepted, schema, absolute)({ ...parts, access })

/** The absolute form of a path that a caller has written; a dash stays standard input, and nothing stays nothing. */
const absolutePath = (raw: unknown): unknown =>
  typeof raw === "string" && raw !== "" && raw !== "-" && !raw.includes("\0") ? resolve(raw) : raw

const isAbsoluteOr = (raw: unknown, ...others: ReadonlyArray<string>): raw is string =>
  typeof raw === "string" && !raw.includes("\0") && (isAbsolute(raw) || others.includes(raw))

const onlyPaths = (...others: ReadonlyArray<string>) =>
  parsed(Schema.String, (raw) => (isAbsoluteOr(raw, ...others) ? raw : undefined))

/** The path of a program, or its name on PATH. */
export const program = fileSetting(
  "run",
  "a program's name, or its absolute path",
  parsed(Schema.String, (raw) =>
    isAbsoluteOr(raw) || (typeof raw === "string" && /^[^\0/-][^\0/]*$/.test(raw)) ? raw : undefined
  ),
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
  parsed(Schema.Array(Schema.String), (raw) => {
    const list: ReadonlyArray<unknown> = Array.isArray(raw) ? raw : [raw]
    const files = list.filter((file) => isAbsoluteOr(file, "-", ""))
    return files.length === list.length ? files.filter((file) => file !== "") : undefined
  }),
  (raw) => (Array.isArray(raw) ? raw.map(absolutePath) : absolutePath(raw))
)

/** Addresses and networks: a list, or one text with blanks or commas between them; each as `Network` writes it. */
export const networks = setting(
  'addresses and networks such as "192.0.2.10" and "2001:db8::/32", in a list or with blanks between; no names, and none wider than /8 (IPv6: /16)',
  parsed(Schema.Array(Schema.String), (raw) => {
    const list = Array.isArray(raw) ? raw : [raw]
    const texts = list.flatMap((text) =>
      typeof text === "string" ? text.split(/[\s,]+/).filter(Boolean) : [undefined]
    )
    const accepted = texts.flatMap((text) => {
      const network = text === undefined ? undefined : parseNetwork(text)
      return network === undefined || isTooWide(network) ? [] : [network.text]
    })
    return accepted.length === texts.length ? accepted : undefined
  })
)

/** One of the names in a table, and what each means: the description lists them all behind `purpose`. */
export const choice = <Table extends Readonly<Record<string, { readonly summary: string }>>>(table: Table) => {
  type Name = keyof Table & string
  const isName = (raw: unknown): raw is Name => typeof raw === "string" && Object.hasOwn(table, raw)
  const declare = setting<Name>(
    `one of ${Object.keys(table).join(", ")}`,
    parsed(Schema.declare(isName), (raw) => (isName(raw) ? raw : undefined))
  )
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
  parsed(Schema.Number, (raw) => {
    const digits = asText(raw)
    return digits !== undefined && /^0?6[0246][0246]$/.test(digits) ? Number.parseInt(digits, 8) : undefined
  })
)

/** The longest span that timers count: 2^31 - 1 ms, 24.8 days; with more than that they would fire at once or never. */
const longest = Duration.days(24)

/** A span of time with its unit. */
const duration = (least: Duration.DurationInput, accepted: string) =>
  setting(
    accepted,
    parsed(Schema.DurationFromSelf, (raw) => {
      // A negative span would become none.
      const isSpan = typeof raw === "string" && !raw.startsWith("-")
      const span = isSpan ? Option.getOrUndefined(Duration.decodeUnknown(raw)) : undefined
      return span !== undefined && Duration.between(span, { minimum: least, maximum: longest }) ? span : undefined
    })
  )

const durationExamples = 'of at most 24 days, such as "250 millis", "30 seconds" or "1 minute"'

/** A span of time longer than none. */
export const someTime = duration("1 millis", `a duration ${durationExamples}`)

/** A span of time, or none. */
export const timeOrNone = duration(0, `a duration ${durationExamples}, or "0 seconds" for none`)

/** A whole number between two bounds. */
export const wholeNumber = (least: number, most: number) =>
  setting(
    `a whole number from ${least} to ${most}`,
    parsed(Schema.Number, (raw) => {
      const digits = asText(raw) ?? ""
      const number = /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
      return number !== undefined && number >= least && number <= most ? number : undefined
    })
  )

const units: Readonly<Record<string, number>> = { "": 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** A number of bytes between two bounds. */
export const byteSize = (least: number, most: number, accepted: string) =>
  setting(
    accepted,
    parsed(Schema.Number, (raw) => {
      const parts = /^(\d{1,12}) ?(KiB|MiB|GiB)?$/.exec(asText(raw) ?? "")
      if (parts === null) return undefined
      const bytes = Number(parts[1]) * (units[parts[2] ?? ""] ?? 1)
      return bytes >= least && bytes <= most ? bytes : undefined
    })
  )
