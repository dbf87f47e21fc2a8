/** Replays random packets in all cells of the grid, and prints how long that takes behind the reading, as JSON. usage: grid-alone.ts PACKETS */
import { Grid } from "../../src/fail2ban/replay/Grid.ts"
import { makeRandom } from "../../test/support/captures/Random.ts"

const count = Number(process.argv[2])
const start = 1_700_000_000
const random = makeRandom(1)
const grid = new Grid({ maxretry: 12, findtime: 600, bantime: 3600, increment: undefined }, start, false)
for (let index = 0; index < count; index++) {
  // A third comes from 50 busy hosts, the others from 2,000.
  grid.add(random.oneIn(3) ? random.below(50) : random.below(2000), start + Math.floor(index / 10))
}
const before = performance.now()
const cells = grid.finish({ isWorrying: () => false, lastSeen: () => 0 })
console.log(JSON.stringify({ seconds: (performance.now() - before) / 1000, cells: cells.length }))
