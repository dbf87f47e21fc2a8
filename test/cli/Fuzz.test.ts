import { describe, expect, it } from "vitest"
import { makeRandom } from "../support/captures/Random.ts"
import { faultOfCommandLine, makeCommandLine } from "../support/fuzz/CommandLines.ts"
import { faultOfConfiguration, makeConfigurationText } from "../support/fuzz/Configurations.ts"
import { fuzzProgram } from "../support/fuzz/ProgramRuns.ts"

describe("a short run of the fuzzer", () => {
  it("finds no command line that is refused without a word", () => {
    const random = makeRandom(1)
    const lines = Array.from({ length: 2000 }, () => makeCommandLine(random))
    expect(lines.flatMap((words) => faultOfCommandLine(words) ?? [])).toEqual([])
  })

  it("finds no configuration that is refused without a word", async () => {
    const random = makeRandom(2)
    const faults = []
    for (let count = 0; count < 1000; count++) {
      const text = makeConfigurationText(random)
      const fault = await faultOfConfiguration(text)
      if (fault !== undefined) faults.push({ text, fault })
    }
    expect(faults).toEqual([])
  })

  it("finds no command line and configuration on which the program crashes, hangs or fails without a word", async () => {
    const { runs, faults } = await fuzzProgram(makeRandom(3), (done) => done < 15)
    expect(faults).toEqual([])
    expect(runs).toBe(15)
  }, 600_000)
})
