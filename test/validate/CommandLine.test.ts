import { describe, expect, it } from "vitest"
import { PreparedHost } from "../support/PreparedHost.ts"

/** A tcpdump that knows these letters only, and says so as OpenBSD's does. */
const knowing = (
  letters: string
): string => `[ "$1" = --version ] && { echo "tcpdump: unknown option -- -" >&2; usage=1; }
while [ -z "$usage" ] && getopts ${letters} option 2>/dev/null; do
  [ "$option" = "?" ] && { echo "tcpdump: unknown option" >&2; usage=1; }
done
[ -n "$usage" ] && { echo "Usage: tcpdump [-AadefILlNnOopqStvXx] [-B fildrop] [-c count] [-D direction]" >&2; exit 1; }
echo "(000) ret      #262144"`

describe("the command line of run", () => {
  it("is tried as it is, and one that OpenBSD's tcpdump takes is found", async () => {
    const host = new PreparedHost()
    host.program("tcpdump", knowing("AaB:c:D:deE:fF:i:IlLnNOopqr:s:StT:vw:xXy:Y"))
    for (const decoder of ["text", "packet"]) {
      const flags = decoder === "packet" ? { decoder } : {}
      expect(await host.complaints(flags)).toEqual([])
      const found = (await host.findings(flags)).find(({ check }) => check === "command line")
      expect(found?.detail).toMatch(/^tcpdump .*-i pflog0 -w -, without .*-U.*, which it does not know$/)
    }
  })

  it("is a fault where tcpdump doesn't take it, before any start", async () => {
    const host = new PreparedHost()
    host.program("tcpdump", knowing("di:"))
    expect(await host.complaints()).toEqual([
      expect.stringMatching(
        /^failed command line: tcpdump refuses the command line of run \(tcpdump .*\): tcpdump: unknown option/
      ),
      "skipped interface: the command line has to be right first"
    ])
  })

  it("is told for the tcpdump at hand", async () => {
    const host = new PreparedHost()
    const found = (await host.findings()).find(({ check }) => check === "command line")
    expect(found).toMatchObject({ verdict: "good", detail: expect.stringMatching(/^tcpdump .*-i pflog0 -w -$/) })
  })
})
