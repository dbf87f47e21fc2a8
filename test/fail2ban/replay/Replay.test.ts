import { spawn } from "node:child_process"
import { text } from "node:stream/consumers"
import { describe, expect, it } from "vitest"
import type { BanRules } from "../../../src/fail2ban/replay/BanRules.ts"
import { Replay, type ReplayedBan } from "../../../src/fail2ban/replay/Replay.ts"
import { makeRandom, type Random } from "../../support/captures/Random.ts"

interface Scenario {
  readonly rules: BanRules
  readonly open: boolean
  readonly start: number
  readonly events: ReadonlyArray<readonly [second: number, host: string]>
}

interface Outcome {
  readonly host: string
  readonly at: number
  readonly until: number | null
  readonly prevented: number
}

const replayed = ({ rules, open, start, events }: Scenario): ReadonlyArray<Outcome> => {
  const bans: Array<ReplayedBan> = []
  const replay = new Replay(rules, {
    openLoop: open,
    neverForgets: false,
    start,
    recidive: undefined,
    onBan: (ban) => bans.push(ban)
  })
  const hosts = [...new Set(events.map(([, host]) => host))]
  for (const [second, host] of events) replay.packets(hosts.indexOf(host), [second], 0, 1)
  return bans.map(({ host, at, until, prevented }) => ({
    host: hosts[host] ?? "",
    at,
    until: until === Number.POSITIVE_INFINITY ? null : until,
    prevented: open ? 0 : prevented
  }))
}

/** What fail2ban's own classes make of the scenarios. */
const fail2bans = async (scenarios: ReadonlyArray<Scenario>): Promise<ReadonlyArray<ReadonlyArray<Outcome>>> => {
  const python = spawn("/usr/bin/python3", ["test/fail2ban/replay/oracle.py"], { stdio: ["pipe", "pipe", "inherit"] })
  python.stdin.end(scenarios.map((scenario) => `${JSON.stringify(scenario)}\n`).join(""))
  const lines = (await text(python.stdout)).trimEnd().split("\n")
  return lines.map((line) => JSON.parse(line))
}

const pick = <A>(random: Random, values: ReadonlyArray<A>): A => values[random.below(values.length)] as A // never empty

const randomScenario = (seed: number): Scenario => {
  const random = makeRandom(seed)
  const bantime = pick(random, [-1, 30, 60, 600, 600, 3600, 3600, 86_400])
  const grows = random.below(2) === 0
  const multipliers = pick(random, [[], [], [1, 2, 4, 8, 16], [1, 5, 30, 60, 300, 720, 1440, 2880], [3]])
  const rules: BanRules = {
    maxretry: pick(random, [1, 2, 3, 4, 5, 8, 12, 20]),
    findtime: pick(random, [10, 60, 600, 600, 3600, 86_400]),
    bantime,
    increment: grows
      ? {
          // A ban that `multipliers` or `maxtime` make shorter than `bantime` is left out: fail2ban looks at the ends of bans
          // only when the first of them should have come, so how long such a ban lasts depends on the bans of other hosts.
          factor: pick(random, multipliers.length === 0 ? [1, 1, 2, 1.5, 0.3] : [1, 1, 2, 1.5]),
          multipliers,
          maxtime: pick(random, [
            undefined,
            undefined,
            Math.max(bantime, 7200),
            Math.max(bantime, 86_400),
            Math.max(bantime, 45)
          ]),
          rndtime: undefined,
          dbpurgeage: pick(random, [86_400, 3600, 600, 604_800])
        }
      : undefined
  }
  const start = 1_700_000_000
  const hosts = Array.from({ length: 1 + random.below(6) }, (_, index) =>
    index % 3 === 2 ? `2001:db8::${index + 1}` : `192.0.2.${index + 1}`
  )
  const events: Array<readonly [number, string]> = []
  const longest = pick(random, [1, 5, 60, 600, 4000, 30_000])
  let now = start + 1
  const count = 20 + random.below(150)
  while (events.length < count) {
    const host = pick(random, hosts)
    for (let burst = 1 + random.below(pick(random, [1, 3, 15])); burst > 0; burst--) {
      events.push([now, host])
      if (random.below(3) === 0) now += random.below(4)
    }
    now += random.below(longest) + (random.below(25) === 0 ? rules.findtime + random.below(100_000) : 0)
  }
  return { rules, open: random.below(3) === 0, start, events }
}

describe("the replay of a jail", () => {
  it("bans whom fail2ban's own classes ban, at the same second, for as long, in 1,000 random scenarios", async () => {
    const scenarios = Array.from({ length: 1000 }, (_, seed) => randomScenario(seed + 1))
    const truth = await fail2bans(scenarios)
    const bans = scenarios.map((scenario, index) => {
      const outcome = replayed(scenario)
      const expected = (truth[index] ?? []).map((ban) => ({ ...ban, prevented: scenario.open ? 0 : ban.prevented }))
      expect(outcome, JSON.stringify(scenario.rules)).toEqual(expected)
      return outcome.length
    })
    // The scenarios are worth something: most have bans, many have several of one host.
    expect(bans.filter((count) => count > 0).length).toBeGreaterThan(700)
    expect(Math.max(...bans)).toBeGreaterThan(20)
  }, 240_000)
})
