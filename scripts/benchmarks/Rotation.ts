import { renameSync, rmSync, statSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { type Figure, figure, quantile } from "./Figure.ts"
import { startSubject } from "./Subject.ts"
import { BenchmarkError, floodCapture, shellScript, tcpdumpText, type Workshop } from "./Workshop.ts"

/** Time from the signal until the new file holds lines, while lines come as fast as `cat` gives them. */
export const measureRotation = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const rotations = workshop.quick ? 10 : 40
  workshop.say(`rotation, ${rotations} times under load`)
  const text = tcpdumpText(workshop, floodCapture(workshop, 100_000))
  const endless = `trap 'exit 0' TERM\nwhile :; do cat '${text}'; done`
  const subject = await startSubject(workshop, { tcpdump: shellScript(workshop, "endless-tcpdump", endless) })
  await sleep(500)
  const times: Array<number> = []
  for (let rotation = 0; rotation < rotations; rotation++) {
    renameSync(subject.log, `${subject.log}.0`)
    const started = performance.now()
    subject.process.kill(rotation % 2 === 0 ? "SIGHUP" : "SIGUSR1")
    untilWritten(subject.log)
    times.push(performance.now() - started)
    rmSync(`${subject.log}.0`)
    await sleep(50)
  }
  await subject.stop()
  const group = "Rotation: from the signal to lines in the new file, under load"
  return [
    figure({ group, name: "p50", unit: "ms", ours: times }),
    figure({ group, name: "p95", unit: "ms", ours: [quantile(times, 0.95)] })
  ]
}

const neverWoken = new Int32Array(new SharedArrayBuffer(4))

const untilWritten = (path: string): void => {
  const deadline = performance.now() + 10_000
  while ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) {
    if (performance.now() > deadline) throw new BenchmarkError("10 s after the signal there is no new log")
    Atomics.wait(neverWoken, 0, 0, 0.2)
  }
}
