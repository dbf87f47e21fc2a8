import { describe, expect, it } from "vitest"
import { faultCases } from "../support/faults/Cases.ts"
import { faultGroups } from "../support/faults/FaultCase.ts"
import { play } from "../support/faults/Judge.ts"

const quick = faultCases.filter(({ slow }) => slow !== true)

describe.each(faultGroups)("nothing is lost or destroyed under a fault of: %s", (group) => {
  it.concurrent.each(quick.filter((fault) => fault.group === group))(
    "$name",
    async (fault) => {
      const { verdict, remarks } = await play(fault)
      expect(verdict === "bad" ? remarks : []).toEqual([])
      expect(verdict).not.toBe("bad")
    },
    240_000
  )
})
