import type { PfLogEntry } from "../../src/decode/PfLogEntry.ts"
import type { ScanRules } from "../../src/scan/ScanDetector.ts"

/** What a detector has to find, each as `MILLISECOND SOURCE`: by keeping all packets, all of them probes, and counting anew each time. */
export const naiveScans = (rules: ScanRules, packets: ReadonlyArray<PfLogEntry>): ReadonlyArray<string> => {
  const told = new Map<string, number>()
  const result: Array<string> = []
  const facts = packets.map(factsOf)
  for (const [index, now] of facts.entries()) {
    const judge = (source: string, of: (fact: Facts) => string, ports: number, hosts: number) => {
      const live = facts
        .slice(0, index + 1)
        .filter((fact) => of(fact) === source && fact.time > now.time - rules.within)
      if (new Set(live.map(({ target }) => target)).size < ports) return
      if (new Set(live.map(({ host }) => host)).size < hosts) return
      const before = told.get(source)
      if (before !== undefined && now.time - before < rules.remind) return
      told.set(source, now.time)
      result.push(`${now.time} ${source}`)
    }
    judge(now.host, ({ host }) => host, rules.ports, 0)
    if (rules.hosts > 0) judge(now.network, ({ network }) => network, rules.networkPorts, rules.hosts)
  }
  return result
}

interface Facts {
  readonly time: number
  readonly host: string
  readonly network: string
  readonly target: string
}

/** Of IPv6 it knows addresses such as `2001:db8:1:2::3` only, with a third and fourth group other than 0. */
const factsOf = ({ time = 0, source, destination, protocol }: PfLogEntry): Facts => {
  const address = source?.address ?? ""
  const six = address.includes(":")
  const [first, second, third, fourth] = address.split(six ? ":" : ".")
  return {
    time: time / 1000,
    host: six ? `${first}:${second}:${third}:${fourth}::/64` : address,
    network: six ? `${first}:${second}:${third}::/48` : `${first}.${second}.${third}.0/24`,
    target: `${protocol} ${destination?.port} ${destination?.address}`
  }
}
