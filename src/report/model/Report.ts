/**
 * What a report says, as plain values: the page, the terminal view and the JSON show the same ones. Every list is short, and
 * what it leaves out is in its "others"; every text is printable. Times are in whole seconds since 1970.
 */
export interface Report {
  readonly made: number
  readonly period: Period
  readonly sensor: SensorFacts
  readonly timeline: Timeline
  /** Blocked packets by weekday (Sunday first) and hour, in local time. */
  readonly week: ReadonlyArray<ReadonlyArray<number>>
  readonly sources: SourceFacts
  readonly ports: TopList<PortRow>
  readonly signatures: Signatures
  readonly rules: TopList<RuleRow> & { readonly hasNumbers: boolean }
  readonly bans: BanFacts
  readonly neverBan: TopList<NeverBanRow>
}

/** Which time a report covers: what was asked for, and the packets that are there. */
export interface Period {
  readonly since: number | undefined
  readonly until: number | undefined
  readonly first: number | undefined
  readonly last: number | undefined
}

/** The longest entries of a longer list. */
export interface TopList<Row> {
  readonly rows: ReadonlyArray<Row>
  readonly others: Others
}

/** What a list leaves out: how many entries, and the packets of them all. */
export interface Others {
  readonly count: number
  readonly packets: number
}

/** A name and how often it came. */
export interface Named {
  readonly name: string
  readonly packets: number
}

/** Whether the log tells the whole truth. */
export interface SensorFacts {
  readonly lines: number
  /** Packets of the period; those below with them. */
  readonly packets: number
  readonly blocked: number
  readonly probes: number
  /** Packets without a date: they are in no chart. */
  readonly undated: number
  /** Packets before or after the period that was asked for. */
  readonly outside: number
  readonly actions: TopList<Named>
  readonly interfaces: TopList<Named>
  /** How many sources the packets of the period came from. */
  readonly sources: Amount
  readonly silences: { readonly rows: ReadonlyArray<Silence>; readonly count: number; readonly usual: number }
  /** How often pfasciilogd was started, and how often it had to start tcpdump again. */
  readonly starts: number
  readonly restarts: number
  /** Packets that the kernel dropped, as far as tcpdump told. */
  readonly dropped: number
  /** Lines of tcpdump that are no packets. */
  readonly otherLines: number
  /** Lines that are neither packets nor ours. */
  readonly unknownLines: number
  /** Logs that could be read in part only, and why. */
  readonly partial: ReadonlyArray<string>
}

/** A number that is a lower bound where `exact` is false. */
export interface Amount {
  readonly count: number
  readonly exact: boolean
}

/** A time without any packet that is far longer than usual. */
export interface Silence {
  readonly from: number
  readonly to: number
}

/** Blocked packets and bans over time. */
export interface Timeline {
  /** How long a step is, in seconds. */
  readonly step: number
  readonly steps: ReadonlyArray<{ readonly start: number; readonly blocked: number; readonly bans: number }>
}

/** Who sent what was blocked on its way in. */
export interface SourceFacts {
  readonly rows: ReadonlyArray<SourceRow>
  /** The other sources; `exact` is false where there may be more of them. */
  readonly others: Others & { readonly exact: boolean }
  /** Blocked packets that went out, or whose source is not told. */
  readonly elsewhere: number
  readonly countries: TopList<Named> | undefined
  readonly networks: TopList<Named> | undefined
}

/** One source of blocked packets. */
export interface SourceRow {
  readonly address: string
  /** The /24 or /64 that it is in. */
  readonly network: string
  readonly country: string | undefined
  readonly as: string | undefined
  readonly packets: number
  /** So many more there may have been before the source was noticed. */
  readonly mayMiss: number
  readonly probes: number
  readonly ports: Amount
  /** Some ports that it tried first, by name. */
  readonly portNames: ReadonlyArray<string>
  readonly first: number | undefined
  readonly last: number | undefined
  readonly bans: number
  /** Bans of it that fail2ban's log has. */
  readonly realBans: number
}

/** A port, by the name that /etc/services has for it. */
export interface PortRow {
  /** `tcp/22`; a protocol without ports alone. */
  readonly port: string
  readonly service: string
  readonly packets: number
}

/** How the packets look together. */
export interface Signatures {
  readonly vertical: TopList<Signature>
  readonly horizontal: TopList<Signature>
  readonly slow: TopList<Signature>
  readonly shared: TopList<Signature>
  readonly backscatter: TopList<Signature>
}

/** Who stands out, and why in words. */
export interface Signature {
  readonly who: string
  readonly packets: number
  readonly what: string
}

/** A rule of pf's and what it did. */
export interface RuleRow {
  /** `ridentifier 1000`, or the number: `3`, `3.ruleset.7`. */
  readonly rule: string
  readonly stable: boolean
  readonly actions: string
  readonly packets: number
  /** The rule of that number or identifier now: its label or its text. */
  readonly now: string | undefined
}

/** Whom the jail bans. */
export interface BanFacts {
  readonly jail: string
  readonly rules: string
  /** How many packets count, of how many hosts that came near a ban. */
  readonly counted: number
  /** Packets that count but could not be replayed, since too many hosts came at once. */
  readonly notReplayed: number
  readonly total: number
  readonly hosts: number
  readonly prevented: number
  readonly rows: ReadonlyArray<BanRow>
  /** What fail2ban itself did, where its log can be read. */
  readonly real: RealBans | undefined
}

/** One ban that the replay makes. */
export interface BanRow {
  readonly host: string
  readonly at: number
  /** Nothing for ever. */
  readonly until: number | undefined
  readonly packets: number
  readonly prevented: number
  /** Why it should not be banned. */
  readonly roles: string
}

/** The bans in fail2ban's log. */
export interface RealBans {
  readonly file: string
  readonly total: number
  readonly hosts: TopList<{ readonly host: string; readonly packets: number; readonly last: number }>
}

/** An address of the never-ban list that was seen. */
export interface NeverBanRow {
  readonly address: string
  readonly why: string
  readonly packets: number
  readonly blocked: number
  readonly bans: number
}
