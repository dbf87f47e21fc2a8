/** What a rule does; anchors call other rules. */
export type PfAction = "block" | "pass" | "match" | "anchor" | "rdr" | "binat" | "nat" | "other"

/** A rule as pfctl prints it, with all that decides which packets it matches. */
export interface PfRule {
  /** As printed, without its number. */
  readonly text: string
  readonly action: PfAction
  /** `no rdr`: the translation rules leave the packet as it is. */
  readonly isException: boolean
  /** `rdr pass`: the packet skips the filter rules. */
  readonly skipsFilter: boolean
  /** The name of the anchor that is called; empty for an inline anchor without a name. */
  readonly call: string | undefined
  /** The rules of an inline anchor, which pfctl prints in braces. */
  readonly inside: ReadonlyArray<PfRule> | undefined
  readonly direction: "in" | "out" | undefined
  /** The interface that it logs to, and whether all later rules that match the packet log it, too (`log (matches)`). */
  readonly log: { readonly to: string; readonly matches: boolean } | undefined
  readonly quick: boolean
  /** An interface or a group of interfaces. */
  readonly on: { readonly name: string; readonly negated: boolean } | undefined
  readonly family: "inet" | "inet6" | undefined
  readonly protocol: string | undefined
  /** The hosts whose packets it matches: any, some, or all but some. */
  readonly source: "any" | "some" | "all but some"
  /** Whether it depends on the source's port. */
  readonly sourcePort: boolean
  /** Conditions on the source's port, the destination and the rest of the packet, as printed. */
  readonly conditions: ReadonlyArray<string>
  /** The TCP flags that must be set, and those that are looked at: `S/SA`. */
  readonly flags: string | undefined
}

/** Reads what `pfctl -sr` and `pfctl -sn` print, with numbers and statistics (`-v`) or without. */
export const parseRules = (text: string): ReadonlyArray<PfRule> => {
  const stack: Array<Array<PfRule>> = [[]]
  const openers: Array<PfRule> = []
  for (const line of text.split("\n").map((whole) => whole.trim())) {
    if (line === "}") {
      const inside = stack.length > 1 ? stack.pop() : undefined
      const opener = openers.pop()
      if (inside !== undefined && opener !== undefined) stack.at(-1)?.push({ ...opener, inside })
      continue
    }
    const rule = parseRule(line.replace(/ \{$/, ""))
    if (rule === undefined) continue
    if (rule.action === "anchor" && line.endsWith(" {")) {
      openers.push(rule)
      stack.push([])
    } else stack.at(-1)?.push(rule)
  }
  return stack[0] ?? []
}

// Text in quotes, parentheses, braces or angle brackets is one word.
const word = /"[^"]*"|\([^()]*\)|\{[^{}]*\}|<[^>]*>|[^\s"(){}]+/g

/** `@3 block drop in log quick on em0 …`; a second number in parentheses may follow the first. */
const number = /^@\d+(?:\(\d+\))?\s+/

const parseRule = (line: string): PfRule | undefined => {
  const text = line.replace(number, "")
  const words = new WordReader(text.match(word) ?? [])
  const head = readHead(words)
  if (head === undefined) return undefined
  const direction = words.take("in", "out")
  const log = words.take("log") === undefined ? undefined : readLog(words.takeIf((next) => next.startsWith("(")))
  const quick = words.take("quick") !== undefined
  const on = words.take("on") === undefined ? undefined : readInterface(words)
  if (words.take("route-to", "reply-to", "dup-to") !== undefined) words.skipTo("inet", "inet6", "proto", "all", "from")
  const family = words.take("inet", "inet6")
  const protocol = words.take("proto") === undefined ? undefined : protocolOf(words.next())
  return { text, ...head, inside: undefined, direction, log, quick, on, family, protocol, ...readHosts(words) }
}

type RuleHead = Pick<PfRule, "action" | "isException" | "skipsFilter" | "call">

const anchorWords = ["anchor", "rdr-anchor", "nat-anchor", "binat-anchor"] as const

const readHead = (words: WordReader): RuleHead | undefined => {
  const isException = words.take("no") !== undefined
  if (words.take(...anchorWords) !== undefined) {
    const call = words.takeIf((next) => next.startsWith('"'))?.slice(1, -1) ?? ""
    return { action: "anchor", isException: false, skipsFilter: false, call }
  }
  const action = words.take("block", "pass", "match", "rdr", "binat", "nat") ?? words.take("scrub")
  if (action === undefined) return undefined
  const skipsFilter = (action === "rdr" || action === "binat") && words.take("pass") !== undefined
  if (action === "nat") words.take("pass")
  if (action === "block") {
    words.takeIf((next) => /^(drop|return(-rst|-icmp6?)?)$/.test(next))
    words.takeIf((next) => next.startsWith("("))
  }
  return { action: action === "scrub" ? "other" : action, isException, skipsFilter, call: undefined }
}

// (all, to pflog1). Where no interface is named, pf logs to pflog0.
const readLog = (options = ""): PfRule["log"] => ({
  to: /\bto (\w+)/.exec(options)?.[1] ?? "pflog0",
  matches: /\bmatches\b/.test(options)
})

const readInterface = (words: WordReader): PfRule["on"] => {
  const negated = words.take("!") !== undefined
  const name = words.next()
  if (name === "rdomain") {
    words.next()
    return undefined
  }
  if (name === "any" || name === "all" || name === "") return undefined
  return name.startsWith("!") ? { name: name.slice(1), negated: true } : { name, negated }
}

const protocolNames: Readonly<Record<string, string>> = {
  "1": "icmp",
  "6": "tcp",
  "17": "udp",
  "58": "ipv6-icmp",
  icmp6: "ipv6-icmp"
}

const protocolOf = (name: string): string => protocolNames[name] ?? name

/** Words after the addresses that make a rule match only a part of the packets. */
const conditionWords = /^(user|group|icmp6?-type|tos|prio|probability|tagged|received-on|fragment|max-pkt-rate)$/

/** Words that can follow the destination. */
const afterHosts =
  /^(user|group|flags|icmp6?-type|tos|prio|set|no|keep|modulate|synproxy|probability|\(.*|label|ridentifier|dnpipe|dnqueue|queue|tag|tagged|rtable|divert-.*|fragment|no-df|random-id|min-ttl|max-mss|set-tos|allow-opts|reassemble|scrub|once|max-pkt-rate|received-on|->|(nat|rdr|af|binat|route|reply|dup)-to)$/

const readHosts = (words: WordReader): Pick<PfRule, "source" | "sourcePort" | "conditions" | "flags"> => {
  words.take("all")
  const from = words.take("from") === undefined ? ["any"] : words.until((next) => next === "to")
  const to = words.take("to") === undefined ? ["any"] : readDestination(words)
  const port = from.indexOf("port")
  const hosts = from.filter((_, index) => port < 0 || index < port)
  const rest = words.until((next) => next === "->")
  const conditions = rest.flatMap((condition, index) =>
    conditionWords.test(condition) && rest[index - 1] !== "set" ? [`${condition} ${rest[index + 1] ?? ""}`.trim()] : []
  )
  const flags = rest.indexOf("flags")
  return {
    source: hosts[0] === "!" ? "all but some" : hosts[0] === "any" ? "any" : "some",
    sourcePort: port >= 0,
    conditions: [
      ...(port >= 0 || from.includes("os") ? [`from ${from.join(" ")}`] : []),
      ...(to.join(" ") === "any" ? [] : [`to ${to.join(" ")}`]),
      ...conditions
    ],
    flags: flags < 0 || rest[flags + 1] === "any" ? undefined : rest[flags + 1]
  }
}

// The address may stand in parentheses, (em0), as the options of a state do.
const readDestination = (words: WordReader): ReadonlyArray<string> => {
  const negation = words.take("!")
  const destination = [words.next(), ...words.until((next) => afterHosts.test(next))]
  return negation === undefined ? destination : [negation, ...destination]
}

/** The words of a rule, read from left to right. */
class WordReader {
  #at = 0
  readonly #words: ReadonlyArray<string>

  constructor(words: ReadonlyArray<string>) {
    this.#words = words
  }

  next(): string {
    return this.#words[this.#at++] ?? ""
  }

  /** Takes the next word if it is one of these. */
  take<const Known extends string>(...known: ReadonlyArray<Known>): Known | undefined {
    const found = known.find((candidate) => candidate === this.#words[this.#at])
    if (found !== undefined) this.#at += 1
    return found
  }

  takeIf(accept: (next: string) => boolean): string | undefined {
    const found = this.#words[this.#at]
    return found !== undefined && accept(found) ? this.next() : undefined
  }

  /** Takes the words before the first that `ends` accepts. */
  until(ends: (next: string) => boolean): Array<string> {
    const taken: Array<string> = []
    for (let found = this.#words[this.#at]; found !== undefined && !ends(found); found = this.#words[this.#at]) {
      taken.push(this.next())
    }
    return taken
  }

  skipTo(...known: ReadonlyArray<string>): void {
    this.until((next) => known.includes(next))
  }
}
