import { describe, expect, it } from "vitest"
import { faultCases } from "../support/faults/Cases.ts"
import { play } from "../support/faults/Judge.ts"

const quick = faultCases.filter(({ slow }) => slow !== true)

describe.each(["disk", "tcpdump", "ourselves", "stop"] as const)("nothing is lost under a fault of %s", (group) => {
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
