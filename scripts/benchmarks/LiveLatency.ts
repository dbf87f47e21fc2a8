import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { type Figure, figure, median, quantile } from "./Figure.ts"
import { followLog } from "./Latency.ts"
import { startSubject } from "./Subject.ts"
import { until } from "./Waiting.ts"
import { BenchmarkError, shellScript, type Workshop, yardstickPath } from "./Workshop.ts"

/**
 * Time from the kernel's stamp of a packet on a live interface, captured by the real tcpdump, to the line in the file. The interface
 * is one of a pair in a network namespace of our own; a stand-in makes pflog's link type of Ethernet's, for Linux has no pflog.
 */
export const measureLiveLatency = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  if (process.getuid?.() !== 0) {
    workshop.say("live latency is left out: only root can make a network namespace")
    return []
  }
  const namespace = await makeNamespace()
  try {
    const figures: Array<Figure> = []
    for (const decoder of ["text", "packet"]) {
      for (const rate of [1, 1000, 20_000]) figures.push(...(await measureRate(workshop, namespace, decoder, rate)))
    }
    figures.push(
      await measureBurst(workshop, namespace, "512 KiB"),
      await measureBurst(workshop, namespace, "2 MiB", 0)
    )
    return figures
  } finally {
    namespace.holder.kill("SIGKILL")
  }
}

interface Namespace {
  readonly holder: ChildProcess
  /** A command that runs another one inside. */
  readonly enter: ReadonlyArray<string>
}

const pair = `ip link add v0 type veth peer name v1
ip addr add 192.0.2.1/24 dev v0
ip link set lo up; ip link set v0 up; ip link set v1 up
ip neigh add 192.0.2.2 lladdr "$(ip -o link show v1 | sed 's/.*ether \\([^ ]*\\).*/\\1/')" dev v0 nud permanent`

const makeNamespace = async (): Promise<Namespace> => {
  const holder = spawn("unshare", ["--net", "sleep", "100000"], { stdio: "ignore" })
  const enter = ["nsenter", "--net", "--target", String(holder.pid)]
  const own = spawnSync("readlink", ["/proc/self/ns/net"]).stdout.toString()
  await until("the network namespace is there", () => inside(enter, "readlink", "/proc/self/ns/net").stdout !== own)
  const { status, stderr } = inside(enter, "sh", "-c", pair)
  if (status !== 0) throw new BenchmarkError(`the pair of interfaces can't be made: ${stderr}`)
  return { holder, enter }
}

const inside = ([command = "", ...enter]: ReadonlyArray<string>, ...words: ReadonlyArray<string>) =>
  spawnSync(command, [...enter, ...words], { encoding: "utf8" })

/** How old each line is that so many packets a second come to. */
const delaysOf = async (
  workshop: Workshop,
  { enter }: Namespace,
  rate: number,
  seconds: number,
  flags: ReadonlyArray<string>
): Promise<ReadonlyArray<number>> => {
  const tcpdump = shellScript(
    workshop,
    "pflog-tcpdump",
    `case " $* " in *' -w '*) tcpdump "$@" | '${process.execPath}' '${yardstickPath("ethernet-as-pflog.mjs")}' ;;
*) exec tcpdump "$@" ;; esac`
  )
  const subject = await startSubject(workshop, {
    tcpdump,
    under: enter,
    interface: "v1",
    flags: ["--user", "root", ...flags]
  })
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const [command = "", ...words] = enter
  const pacer = [process.execPath, yardstickPath("udp-pacer.mjs"), String(rate), String(seconds)]
  const sender = spawn(command, [...words, ...pacer], { stdio: "ignore" })
  const delays = followLog(subject.log, rate * seconds, (seconds + 10) * 1000)
  sender.kill("SIGKILL")
  await subject.stop()
  return delays
}

const measureRate = async (
  workshop: Workshop,
  namespace: Namespace,
  decoder: string,
  rate: number
): Promise<ReadonlyArray<Figure>> => {
  const seconds = workshop.quick ? 5 : 15
  const [p50, p99]: [Array<number>, Array<number>] = [[], []]
  for (let run = 1; run <= workshop.runs; run++) {
    workshop.say(`live latency, ${decoder} decoder at ${rate} packets a second, run ${run} of ${workshop.runs}`)
    const flags = ["--decoder", decoder, "--kernel-buffer", "8 MiB"]
    const delays = await delaysOf(workshop, namespace, rate, seconds, flags)
    if (delays.length < 0.99 * rate * seconds) throw new BenchmarkError(`${delays.length} of ${rate * seconds} came`)
    p50.push(median(delays))
    p99.push(quantile(delays, 0.99))
  }
  const group = "Live latency: from the kernel's stamp to the line in the file"
  const name = `${decoder} decoder, ${rate} packets a second`
  return [
    figure({ group, name: `${name}, p50`, unit: "ms", ours: p50 }),
    figure({ group, name: `${name}, p99`, unit: "ms", ours: p99, limit: 25 })
  ]
}

/** How many packets of a burst the kernel drops, with so large a buffer. */
const measureBurst = async (
  workshop: Workshop,
  namespace: Namespace,
  kernelBuffer: string,
  limit?: number
): Promise<Figure> => {
  const packets = 100_000
  const lost: Array<number> = []
  for (let run = 1; run <= workshop.runs; run++) {
    workshop.say(
      `burst of ${packets} packets in a second, kernel buffer of ${kernelBuffer}, run ${run} of ${workshop.runs}`
    )
    lost.push(packets - (await delaysOf(workshop, namespace, packets, 1, ["--kernel-buffer", kernelBuffer])).length)
  }
  return figure({
    group: `Burst: ${packets} packets in a second, from a live interface`,
    name: `lost with a kernel buffer of ${kernelBuffer}`,
    unit: "",
    ours: lost,
    ...(limit === undefined ? {} : { limit })
  })
}
