import { type Daemon, textOf } from "../Daemon.ts"
import type { FaultCase } from "./FaultCase.ts"
import type { Stage } from "./Stage.ts"

/**
 * Starts so many instances at once, which differ only in the flags that depend on their number: exactly one of them runs, and the pid
 * file is its own.
 */
export const oneStarts = (
  group: FaultCase["group"],
  name: string,
  count: number,
  flags: (stage: Stage, number: number) => ReadonlyArray<string>
): FaultCase => ({
  name,
  group,
  run: async (stage) => {
    const script = stage.parts(200)
    const daemons = Array.from({ length: count }, (_, number) => stage.start(script.tcpdump, flags(stage, number)))
    const statuses = await lastOne(daemons)
    const winner = daemons.find((daemon) => !daemon.hasEnded())
    stage.expect(
      `the others end with status 69 (unavailable): ${statuses}`,
      statuses.every((status) => status === 69)
    )
    if (winner === undefined) throw new Error("none of them runs")
    await stage.arrived(winner.log, 199)
    stage.expect("the pid file is the running one's", textOf(winner.pidFile) === `${winner.process.pid}\n`)
    await stage.finish(winner)
    return { sent: 200, files: [winner.log] }
  }
})

/** Waits until all but one have ended; their exit statuses. */
const lastOne = async (daemons: ReadonlyArray<Daemon>): Promise<ReadonlyArray<number | string>> => {
  const statuses: Array<number | string> = []
  return new Promise((resolve, reject) => {
    for (const daemon of daemons) {
      daemon.ended().then((status) => {
        statuses.push(status)
        if (statuses.length === daemons.length - 1) resolve(statuses)
      }, reject)
    }
  })
}
