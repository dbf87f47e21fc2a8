import { describe, expect, it } from "vitest"
import { counterSignals, searchPath } from "../../src/host/System.ts"

describe("searchPath", () => {
  it("keeps the caller's folders first, and adds those that a service may lack", () => {
    expect(searchPath("/opt/bin:/usr/bin")).toBe(
      "/opt/bin:/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/bin"
    )
  })

  it("takes no empty part of PATH for the folder that we are in", () => {
    expect(searchPath(":/bin::").split(":")).not.toContain("")
    expect(searchPath(undefined).startsWith("/usr/local/sbin:")).toBe(true)
  })
})

describe("counterSignals", () => {
  it("never asks for USR1, which rotates", () => {
    expect(counterSignals("freebsd")).toEqual(["SIGUSR2", "SIGINFO"])
    expect(counterSignals("linux")).toEqual(["SIGUSR2"])
  })
})
