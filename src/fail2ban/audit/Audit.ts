import { reasonName } from "../../decode/packet/PfNames.ts"
import { type Example, exampleOf, truthOf, wrongKindOf } from "../judge/LineTruth.ts"
import type { FilterMatcher } from "../match/Matcher.ts"
import { sampleText } from "../regex/SampleText.ts"
import { type AuditAddresses, auditAddresses, forgedPackets, tunnelledLine } from "./ForgedPackets.ts"
import { ownPrefix, samplePackets } from "./SamplePackets.ts"
import { sampleScans } from "./SampleScans.ts"

/** A line that a filter matches wrongly, perhaps by naming an address of the attacker's choice. */
export interface AuditFinding extends Example {
  /** The kind of packet that the line shows: `an HTTP request`. */
  readonly carrier: string
  /** Whether the address is the attacker's choice. */
  readonly injected: boolean
}

/** What the lines of the log look like that the filter is audited for. */
export interface AuditOptions {
  /** The text before `rule` in a line of the log; by default a time stamp of ours. */
  readonly prefix: string | undefined
}

/** How many different sample texts are made from each expression. */
const variants = 24

/** How many findings of a kind are reported. */
const mostFindings = 3

/** How many heads are tried: further ones differ only in parts that no pattern asks for. */
const mostHeads = 4

/**
 * Looks for lines that could be in a log and that the filter matches wrongly: samples of every usual kind, and packets that
 * are forged for this very filter, whose payload holds text that its expressions match. tcpdump would print each of these lines.
 *
 * @returns no finding where the filter passes
 */
export const auditFilter = (matcher: FilterMatcher, options: AuditOptions): ReadonlyArray<AuditFinding> => {
  const audit = new FilterAudit(matcher, options.prefix ?? ownPrefix)
  audit.forge()
  audit.trySamples()
  return audit.findings
}

/** What pf's header adds to the line of a packet. */
interface LineHead {
  readonly rule: string
  readonly reason: string
  readonly interface: string
}

const usualHeads: ReadonlyArray<LineHead> = [
  { rule: "1", reason: "0(match)", interface: "em0" },
  { rule: "17.f2b/sshd.0", reason: "0(match)", interface: "vtnet0.10" }
]

/** What pf does with a forged packet: the text in one that passes must not lead to a ban either. */
const actions = ["block in", "pass in"] as const

class FilterAudit {
  readonly findings: Array<AuditFinding> = []
  private readonly matcher: FilterMatcher
  private readonly prefix: string

  constructor(matcher: FilterMatcher, prefix: string) {
    this.matcher = matcher
    this.prefix = prefix
  }

  /** Tries ordinary packets and scans of every kind, which the log at hand may lack. */
  trySamples(): void {
    for (const { name, text } of [...samplePackets, ...sampleScans]) this.look(name, this.prefix + text, undefined)
  }

  /** Tries packets that are forged for this filter. */
  forge(): void {
    const { ipv4, ipv6 } = auditAddresses
    this.forgeFor(ipv4.victim, [
      [ipv4, actions],
      [ipv6, ["block in"]]
    ])
    this.forgeFor(ipv6.victim, [
      [ipv6, actions],
      [ipv4, ["block in"]]
    ])
  }

  /** A packet of either address family can name a victim of either in its text. */
  private forgeFor(victim: string, routes: ReadonlyArray<readonly [AuditAddresses, ReadonlyArray<string>]>): void {
    const samples = this.samples(victim)
    const payloads = [...new Set(samples.flatMap(({ tails }) => tails))]
    const heads = uniqueHeads([...usualHeads, ...samples.flatMap(({ head }) => head ?? [])]).slice(0, mostHeads)
    for (const [route, allowed] of routes) this.send({ ...route, victim }, heads, allowed, payloads)
  }

  private send(
    addresses: AuditAddresses,
    heads: ReadonlyArray<LineHead>,
    allowed: ReadonlyArray<string>,
    payloads: ReadonlyArray<string>
  ): void {
    this.look(
      "a packet in a packet (VXLAN)",
      `${this.prefix}tcpdump[4711]: ${tunnelledLine(addresses)}`,
      addresses.victim
    )
    for (const head of heads)
      for (const action of allowed) {
        const beginning = `${this.prefix}rule ${head.rule}/${head.reason}: ${action} on ${head.interface}: `
        this.carry(beginning, addresses, payloads)
        if (this.findings.length >= mostFindings) return
      }
  }

  private carry(beginning: string, addresses: AuditAddresses, payloads: ReadonlyArray<string>): void {
    for (const carrier of forgedPackets)
      for (const payload of carrier.hasPayload ? payloads : [""]) {
        const packet = carrier.print(addresses, payload)
        if (packet !== undefined && this.look(carrier.name, beginning + packet, addresses.victim)) break
      }
  }

  /** Tries one line; returns whether the filter matches it wrongly. */
  private look(carrier: string, line: string, victim: string | undefined): boolean {
    const match = this.matcher.match(line)
    if (match.type !== "match") return false
    const truth = truthOf(line)
    const kind = wrongKindOf(truth, match)
    if (kind === undefined) return false
    // A pattern may match only a part of the address (3.0.113.66 of 203.0.113.66): the sender chooses that as well.
    const injected = victim?.includes(match.host) === true
    if (victim !== undefined && !injected) return false
    const known = this.findings.some((finding) => finding.carrier === carrier)
    const full = this.findings.filter((finding) => finding.injected === injected).length >= mostFindings
    if (!known && !full) this.findings.push({ ...exampleOf(kind, line, truth, match), carrier, injected })
    return true
  }

  private samples(victim: string): ReadonlyArray<PatternSample> {
    const samples: Array<PatternSample> = []
    for (const expression of this.matcher.expressions)
      for (let variant = 0; variant < variants; variant++) {
        const inner = sampleText(expression.source.root, { variant, groupText: hostText(victim) })
        const prefix = this.matcher.prefix?.source.root
        const content = inner.join("")
        const outer =
          prefix === undefined
            ? inner
            : sampleText(prefix, {
                variant,
                groupText: (name) => (name === "content" ? content : hostText(victim)(name))
              }).flatMap((piece) => (piece === content ? inner : [piece]))
        samples.push({ tails: tailsOf(outer, victim), head: headOf(outer.join("")) })
      }
    return samples
  }
}

interface PatternSample {
  /** The rest of the sample from each of its pieces on, where this rest still holds the victim's address. */
  readonly tails: ReadonlyArray<string>
  /** The head of the line, where the sample begins with one. */
  readonly head: LineHead | undefined
}

const hostText =
  (victim: string) =>
  (name: string): string | undefined =>
    ["fid", "ip4", "ip6", "dns"].includes(name) ? victim : name === "cidr" ? "32" : undefined

const tailsOf = (pieces: ReadonlyArray<string>, victim: string): ReadonlyArray<string> =>
  pieces
    .map((_, index) =>
      pieces
        .slice(index)
        .join("")
        .replace(/[\n\r]+$/, "")
    )
    .filter((tail) => tail.includes(victim) && /^[ -~]+$/.test(tail))

/** The head that an expression asks for, as far as pf would write it; all other parts are those of the first usual head. */
const headOf = (sample: string): LineHead | undefined => {
  const found = /rule (\S+?)\/([^:]+): \w+ \w+ on ([^:]+):/.exec(sample)
  const [usual] = usualHeads
  if (found === null || usual === undefined) return undefined
  const [, rule = "", reason = "", name = ""] = found
  return {
    rule: /^\d{1,6}(?:\.[\w/-]{1,15}\.\d{1,6})?$/.test(rule) ? rule : usual.rule,
    reason: reasons.has(reason) ? reason : usual.reason,
    interface: /^[a-z][a-z_]{1,10}\d[\w.]{0,3}$/.test(name) ? name : usual.interface
  }
}

/** Reasons that every pf knows, as tcpdump writes them: `0(match)`. */
const reasons = new Set([0, 1, 2, 3, 4, 5, 8].map((number) => `${number}(${reasonName("unknown", number)})`))

const uniqueHeads = (heads: ReadonlyArray<LineHead>): ReadonlyArray<LineHead> => [
  ...new Map(heads.map((head) => [JSON.stringify(head), head])).values()
]
