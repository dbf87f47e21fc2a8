import { describe, expect, it } from "vitest"
import { relativePaths } from "../../src/validate/ServiceCheck.ts"
import { PreparedHost } from "../support/PreparedHost.ts"

describe("the flags of the service", () => {
  it("are read as a shell does, with the flags that take a path", () => {
    expect(
      relativePaths(`--interface pflog1 --log-file 'my logs/pf.log' --pid-file=run/x.pid --read - --config /etc/x`)
    ).toEqual([
      { flag: "log-file", path: "my logs/pf.log" },
      { flag: "pid-file", path: "run/x.pid" }
    ])
    expect(relativePaths("")).toEqual([])
  })

  it.each([
    ["sysrc", "-n pfasciilogd_flags"],
    ["rcctl", "get pfasciilogd flags"]
  ])("are told where a relative path in them means another file for the service (%s)", async (program, words) => {
    const host = new PreparedHost()
    host.answer(program, { [words]: "--log-file pf.log --format ascii" })
    expect(await host.complaints()).toEqual([
      "failed service flags: pfasciilogd_flags has --log-file pf.log: the service runs in /, where that means /pf.log"
    ])
  })
})
