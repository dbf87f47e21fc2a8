/** When the logs of tests begin: 2026-11-22T06:00:00Z, in seconds. */
export const logStart = Date.parse("2026-11-22T06:00:00Z") / 1000

const stampOf = (seconds: number): string =>
  new Date((logStart + seconds) * 1000).toISOString().replace("Z", "000+00:00")

/** A packet as our log has it. */
export interface LoggedLine {
  readonly source: string
  readonly port: number
  readonly destination?: string
  readonly head?: string
  readonly action?: string
  readonly flags?: string
}

/** The line of a SYN, so many seconds after the start of the log. */
export const packetLine = (seconds: number, { source, port, ...more }: LoggedLine): string =>
  `${stampOf(seconds)} rule ${more.head ?? "1/0(match)"}: ${more.action ?? "block"} in on em0: ` +
  `${source}.40000 > ${more.destination ?? "198.51.100.9"}.${port}: Flags [${more.flags ?? "S"}], seq 1, win 1024, length 0\n`

/** A notice of ours. */
export const noticeLine = (seconds: number, message: string, speaker = "pfasciilogd[100]"): string =>
  `${stampOf(seconds)} ${speaker}: ${message}\n`

/** A host that tries so many ports, one a second. */
export const scanLines = (source: string, from: number, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => packetLine(from + index, { source, port: 20 + index }))
