import * as fs from "node:fs"
import * as path from "node:path"
import { until } from "../Waiting.ts"
import type { FaultCase, NumberedLog, Outcome } from "./FaultCase.ts"
import { numberOf } from "./NumberedLines.ts"
import { scanNumberOf } from "./NumberedScans.ts"
import { Stage } from "./Stage.ts"

/** How a case went. */
export interface Verdict {
  readonly name: string
  readonly group: FaultCase["group"]
  readonly in: number
  readonly out: number
  readonly lost: number
  readonly doubled: number
  /** Lines that are neither a whole entry that was sent nor a notice: torn, glued, or made up. */
  readonly torn: number
  readonly disordered: number
  readonly verdict: "good" | "as documented" | "bad"
  /** What is bad, or why a loss is allowed. */
  readonly remarks: ReadonlyArray<string>
  readonly notes: ReadonlyArray<string>
}

const longest = 240_000

/** Plays one case and judges what it left. */
export const play = async (fault: FaultCase): Promise<Verdict> => {
  const stage = new Stage()
  try {
    const outcome = await withBound(fault.run(stage))
    return judge(fault, outcome, stage)
  } catch (error) {
    const remarks = [...stage.findings, error instanceof Error ? error.message : String(error), ...stage.lastWords]
    const { name, group } = fault
    return {
      name,
      group,
      in: 0,
      out: 0,
      lost: 0,
      doubled: 0,
      torn: 0,
      disordered: 0,
      verdict: "bad",
      remarks,
      notes: stage.notes
    }
  } finally {
    stage.clear()
  }
}

const withBound = async (run: Promise<Outcome>): Promise<Outcome> => {
  let over = false
  const outcome = run.finally(() => {
    over = true
  })
  await Promise.race([outcome, until("the case is over", () => over, longest)])
  return outcome
}

const judge = (fault: FaultCase, outcome: Outcome, { findings, notes }: Pick<Stage, "findings" | "notes">): Verdict => {
  const found = [readLog(outcome, packetNumberIn)]
  if (outcome.scans !== undefined) found.push(readLog(outcome.scans, scanNumberOf))
  const sum = (count: (one: Found) => number) => found.reduce((all, one) => all + count(one), 0)
  const [sent, lost, torn] = [sum(({ seen }) => seen.length), sum(lostIn), sum((one) => one.torn)]
  const [doubled, disordered] = [sum((one) => one.doubled), sum((one) => one.disordered)]
  const remarks = [...findings, ...found.flatMap((one) => one.remarks)]
  const { allowed } = outcome
  const isDocumented = allowed !== undefined && (lost > 0 || torn > 0)
  if (lost > (allowed?.lost ?? 0))
    for (const one of found.filter((log) => lostIn(log) > 0))
      remarks.push(`${lostIn(one)} lines are lost, the first is ${one.seen.indexOf(0)}`)
  if (torn > (allowed?.torn ?? 0)) remarks.push(`torn: ${JSON.stringify(found.map(({ firstTorn }) => firstTorn))}`)
  const bad = remarks.length > 0 || doubled > 0 || disordered > 0
  return {
    name: fault.name,
    group: fault.group,
    in: sent,
    out: sent - lost,
    lost,
    doubled,
    torn,
    disordered,
    verdict: bad ? "bad" : isDocumented ? "as documented" : "good",
    remarks: isDocumented && !bad ? [allowed.why] : remarks,
    notes
  }
}

/** What stands in the files of a log. */
interface Found {
  /** How often each line was found. */
  readonly seen: Uint8Array
  doubled: number
  disordered: number
  torn: number
  firstTorn: string | undefined
  readonly remarks: Array<string>
}

const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d /
const stampLength = "2026-11-22T06:16:54.507027+01:00 ".length
const notice = /^(?:pfasciilogd|tcpdump)\[\d+\]: /

const lostIn = ({ seen }: Found): number => seen.reduce((count, times) => count + (times === 0 ? 1 : 0), 0)

/** The number of a line; notices have none. */
const packetNumberIn = (text: string): number | "notice" | undefined => (notice.test(text) ? "notice" : numberOf(text))

/** @param numberIn the number of a line by its text; a line without one is torn, or no line of this log */
const readLog = ({ sent, files }: NumberedLog, numberIn: (text: string) => number | "notice" | undefined): Found => {
  const found: Found = {
    seen: new Uint8Array(sent),
    doubled: 0,
    disordered: 0,
    torn: 0,
    firstTorn: undefined,
    remarks: []
  }
  let previous = -1
  const tear = (line: string) => {
    found.torn += 1
    found.firstTorn ??= line.slice(0, 300)
  }
  for (const file of files) {
    const lines = fs.readFileSync(file, "latin1").split("\n")
    const rest = lines.pop()
    if (rest !== undefined && rest !== "") tear(rest)
    for (const line of lines) {
      const text = stamp.test(line) ? line.slice(stampLength) : undefined
      if (/[^\x20-\x7e]/.test(line)) found.remarks.push(`not printable ASCII in ${path.basename(file)}`)
      const number = text === undefined ? undefined : numberIn(text)
      if (number === "notice") continue
      if (number === undefined || number >= sent) {
        tear(line)
        continue
      }
      const times = found.seen[number] ?? 0
      found.seen[number] = Math.min(255, times + 1)
      if (times > 0) found.doubled += 1
      if (number < previous) found.disordered += 1
      previous = number
    }
  }
  return found
}
