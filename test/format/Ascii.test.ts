import { describe, expect, it } from "vitest"
import type { PfLogEntry } from "../../src/decode/PfLogEntry.ts"
import { decodeLine } from "../../src/decode/text/TextDecoder.ts"
import { makeAsciiFormat } from "../../src/format/Ascii.ts"

const text = "rule 1/0(match): block in on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [S], length 0"

const decoded = (line: string): PfLogEntry => {
  const entry = decodeLine(line)
  if (entry === undefined) throw new Error(`no entry: ${line}`)
  return entry
}

/** Runs in another time zone: Node reads TZ anew whenever it is set. */
const inZone = (zone: string, run: () => void): void => {
  const before = process.env["TZ"]
  process.env["TZ"] = zone
  try {
    run()
  } finally {
    if (before === undefined) delete process.env["TZ"]
    else process.env["TZ"] = before
  }
}

describe("makeAsciiFormat", () => {
  it("writes the packet's own time and tcpdump's own text", () => {
    inZone("Europe/Berlin", () => {
      const entry = decoded(`1795324614.507027 ${text}`)
      expect(makeAsciiFormat().entry(entry, 0)).toBe(`2026-11-22T06:16:54.507027+01:00 ${text}\n`)
    })
  })

  it("gives an entry without a time the time of reading", () => {
    inZone("UTC", () => {
      expect(makeAsciiFormat().entry(decoded(text), 1_692_000_000_000_137)).toBe(
        `2023-08-14T08:00:00.000137+00:00 ${text}\n`
      )
    })
  })

  it("has the right offset on both sides of a change to and from daylight saving time", () => {
    inZone("Europe/Berlin", () => {
      const format = makeAsciiFormat()
      const stamp = (seconds: number): string => format.entry(decoded(`${seconds}.999999 ${text}`), 0).slice(0, 32)
      const spring = Date.UTC(2026, 2, 29, 1) / 1000
      const autumn = Date.UTC(2026, 9, 25, 1) / 1000
      expect([stamp(spring - 1), stamp(spring), stamp(autumn - 1), stamp(autumn), stamp(spring - 1)]).toEqual([
        "2026-03-29T01:59:59.999999+01:00",
        "2026-03-29T03:00:00.999999+02:00",
        "2026-10-25T02:59:59.999999+02:00",
        "2026-10-25T02:00:00.999999+01:00",
        "2026-03-29T01:59:59.999999+01:00"
      ])
    })
  })

  it.each([
    ["America/St_Johns", "-03:30"],
    ["Asia/Kathmandu", "+05:45"],
    ["Pacific/Chatham", "+13:45"],
    ["America/New_York", "-05:00"]
  ])("knows the offset of %s", (zone, offset) => {
    inZone(zone, () => {
      const line = makeAsciiFormat().entry(decoded(`1700000000.000000 ${text}`), 0)
      expect(line.slice(26, 32)).toBe(offset)
      expect(decodeLine(line.trimEnd())?.time).toBe(1_700_000_000_000_000)
    })
  })

  it("escapes all but printable ASCII and leaves the rest as it is, backslashes included", () => {
    const line = makeAsciiFormat().entry(decoded(`${text} \\ \x00\t\r\x1b[31m\x7f\x80\xff~`), 0)
    expect(line).toContain("length 0 \\ \\x00\\x09\\x0d\\x1b[31m\\x7f\\x80\\xff~\n")
  })

  it("writes a notice under the name and number of who speaks", () => {
    inZone("UTC", () => {
      const notice = { time: 0, level: "info", process: "tcpdump", pid: 77, message: "\trule 1\n\xe9" } as const
      expect(makeAsciiFormat().notice(notice)).toBe(
        "1970-01-01T00:00:00.000000+00:00 tcpdump[77]: \\x09rule 1\\x0a\\xe9\n"
      )
    })
  })

  it("never writes a notice that reads as an entry", () => {
    const format = makeAsciiFormat()
    for (const message of [text, ` ${text}`, `host pf: ${text}`, `x pf: ${text}`, `1692000000.000137 ${text}`]) {
      const line = format.notice({ time: 0, level: "info", process: "tcpdump", pid: 77, message })
      expect(decodeLine(line.trimEnd())).toBeUndefined()
    }
  })
})
