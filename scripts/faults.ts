/**
 * Plays the faults that pfasciilogd must survive, and prints for each how many lines tcpdump wrote, how many are in the log,
 * and how many are lost, doubled or torn. The exit status is 1 where a verdict is bad.
 *
 *     scripts/faults [--only TEXT] [--slow] [--jobs NUMBER] [--json]
 */
import { parseArgs } from "node:util"
import { faultCases, leftOut } from "../test/support/faults/Cases.ts"
import { play, type Verdict } from "../test/support/faults/Judge.ts"

const usage = `usage: faults [--only TEXT] [--slow] [--jobs N] [--json]

  --only TEXT  the cases whose group or name has this text in it
  --slow       those that take minutes, too
  --jobs N     how many at once (default: 2)
  --json       the table as JSON
`

const settings = () => {
  try {
    return parseArgs({
      options: {
        only: { type: "string", default: "" },
        slow: { type: "boolean", default: false },
        jobs: { type: "string", default: "2" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false }
      }
    }).values
  } catch (error) {
    process.stderr.write(`faults: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    process.exit(64)
  }
}

const options = settings()
if (options.help) {
  process.stdout.write(usage)
  process.exit(0)
}

const chosen = faultCases.filter(
  ({ name, group, slow }) => (options.slow || slow !== true) && `${group}: ${name}`.includes(options.only)
)
if (leftOut.length > 0) console.error(`Left out, since they need root: ${leftOut.map(({ name }) => name).join("; ")}.`)
const verdicts = new Map<string, Verdict>()
const waiting = [...chosen]

const work = async (): Promise<void> => {
  for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
    const begin = Date.now()
    const verdict = await play(fault)
    verdicts.set(fault.name, verdict)
    console.error(
      `${verdicts.size}/${chosen.length} ${verdict.verdict}: ${fault.name} (${((Date.now() - begin) / 1000).toFixed(1)} s)`
    )
    for (const remark of [...verdict.remarks, ...verdict.notes]) console.error(`    ${remark}`)
  }
}
await Promise.all(Array.from({ length: Math.max(1, Number(options.jobs)) }, work))

const table = chosen.flatMap(({ name }) => verdicts.get(name) ?? [])
if (options.json) console.log(JSON.stringify(table, null, 2))
else {
  console.log("| | fault | in | out | lost | doubled | torn | verdict |\n|---|---|--:|--:|--:|--:|--:|---|")
  for (const row of table) {
    console.log(
      `| ${row.group} | ${row.name} | ${row.in} | ${row.out} | ${row.lost} | ${row.doubled} | ${row.torn} | ${row.verdict} |`
    )
  }
}
process.exitCode = table.some(({ verdict }) => verdict === "bad") ? 1 : 0
