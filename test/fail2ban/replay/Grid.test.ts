import { describe, expect, it } from "vitest"
import { Grid } from "../../../src/fail2ban/replay/Grid.ts"
import { Replay, type ReplayedBan } from "../../../src/fail2ban/replay/Replay.ts"
import { makeRandom } from "../../support/captures/Random.ts"

const start = 1_700_000_000
const base = { maxretry: 12, findtime: 600, bantime: 1800, increment: undefined }

/** Packets in bursts over a day, of some busy hosts and of many that send one or two. */
const randomPackets = (seed: number): ReadonlyArray<{ readonly host: number; readonly second: number }> => {
  const random = makeRandom(seed)
  const packets = Array.from({ length: 3000 }, () => ({
    host: random.oneIn(2) ? random.below(12) : 12 + random.below(2000),
    second: start + random.below(40) * 2160 + random.below(300)
  }))
  return packets.sort((left, right) => left.second - right.second)
}

describe("the grid", () => {
  it("tells for each cell what a replay with its thresholds alone tells", () => {
    for (const openLoop of [false, true]) {
      const packets = randomPackets(openLoop ? 1 : 2)
      const grid = new Grid(base, start, openLoop)
      for (const { host, second } of packets) grid.add(host, second)
      const lastSeen = new Map(packets.map(({ host, second }) => [host, second]))
      const cells = grid.finish({
        isWorrying: (host) => host % 5 === 0,
        lastSeen: (host) => lastSeen.get(host) ?? 0
      })
      expect(cells).toHaveLength(42)
      for (const cell of cells) {
        const bans: Array<ReplayedBan> = []
        const replay = new Replay(
          { ...base, maxretry: cell.maxretry, findtime: cell.findtime },
          { openLoop, neverForgets: false, start, recidive: undefined, onBan: (ban) => bans.push(ban) }
        )
        for (const { host, second } of packets) replay.packets(host, [second], 0, 1)
        const hosts = [...new Set(bans.map(({ host }) => host))]
        const delays = bans.map(({ delay }) => delay).sort((left, right) => left - right)
        expect(cell).toMatchObject({
          hosts: hosts.length,
          worrying: hosts.filter((host) => host % 5 === 0).length,
          prevented: replay.prevented,
          useless: bans.filter(({ host, at, prevented }) => prevented === 0 && (lastSeen.get(host) ?? 0) <= at).length,
          medianDelay: delays[Math.ceil(delays.length / 2) - 1]
        })
      }
    }
  })

  it("marks the cells that no other cell beats", () => {
    const grid = new Grid(base, start, false)
    for (const { host, second } of randomPackets(3)) grid.add(host, second)
    const cells = grid.finish({ isWorrying: (host) => host % 5 === 0, lastSeen: () => start })
    const best = cells.filter(({ paretoBest }) => paretoBest)
    expect(best.length).toBeGreaterThan(0)
    for (const cell of cells.filter(({ paretoBest }) => !paretoBest)) {
      const beaten = best.some(
        ({ prevented, worrying, useless }) =>
          prevented >= cell.prevented && worrying <= cell.worrying && useless <= cell.useless
      )
      expect(beaten).toBe(true)
    }
  })
})
