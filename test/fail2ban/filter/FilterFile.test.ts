import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { describe, expect, it } from "vitest"
import { parseFilter, readFilter } from "../../../src/fail2ban/filter/FilterFile.ts"

/** What fail2ban's own reader makes of filters, given by name. */
const fail2banReads = (requests: ReadonlyArray<string>): Record<string, Record<string, string | null> | null> =>
  JSON.parse(
    execFileSync(
      "/usr/bin/python3",
      [
        "-c",
        `
import json, logging, sys
logging.disable(50)
from fail2ban.client.filterreader import FilterReader
from fail2ban.helpers import extractOptions
result = {}
for request in json.loads(sys.argv[1]):
    name, options = extractOptions(request)
    try:
        reader = FilterReader(name, "jail", options, share_config={}, basedir="/etc/fail2ban")
        reader.read(); reader.applyAutoOptions("auto"); reader.getOptions(None)
        combined = reader.getCombined()
        result[request] = {key: combined.get(key) for key in ("prefregex", "failregex", "ignoreregex", "datepattern", "maxlines")}
    except Exception: result[request] = None
print(json.dumps(result))`,
        JSON.stringify(requests)
      ],
      { encoding: "utf8", maxBuffer: 1 << 26 }
    )
  )

const lines = (text: string | null | undefined): ReadonlyArray<string> =>
  (text ?? "").split("\n").filter((line) => line !== "")

const read = (request: string) =>
  Effect.runPromise(Effect.either(readFilter(request)).pipe(Effect.provide(NodeContext.layer)))

describe("filter files", () => {
  it("are read as fail2ban reads them: every filter of the system, some with parameters", async () => {
    const names = fs.readdirSync("/etc/fail2ban/filter.d").filter((name) => name.endsWith(".conf"))
    const requests = [
      ...names.map((name) => name.replace(/\.conf$/, "")),
      "sshd[mode=aggressive]",
      "sshd[mode=extra, publickey=any]",
      "sshd[mode=\"ddos\"][publickey='ignore']",
      "apache-auth[mode=aggressive]",
      "dovecot[mode=aggressive]"
    ]
    const real = fail2banReads(requests)
    let compared = 0
    for (const request of requests) {
      const ours = await read(request)
      const theirs = real[request]
      if (Either.isLeft(ours)) {
        const excused = !theirs || lines(theirs["failregex"]).length === 0 || Number(theirs["maxlines"]) > 1
        expect(excused, ours.left.message).toBe(true)
        continue
      }
      compared += 1
      expect({ request, ...ours.right }).toMatchObject({
        failregex: lines(theirs?.["failregex"]),
        ignoreregex: lines(theirs?.["ignoreregex"]),
        prefregex: theirs?.["prefregex"] || undefined,
        datepattern: theirs?.["datepattern"] || undefined
      })
    }
    expect(compared).toBeGreaterThan(80)
  })

  it.each([
    ["failregex = x", "no section header before the first option"],
    ["[Definition]\nfailregex = a\nfailregex = b", 'option "failregex" stands twice'],
    ["[Definition]\nfailregex = %(nothing)s", "%(nothing)s refers to an option that does not exist"],
    ["[Definition]\nfailregex = 100%", '"%" must be followed by'],
    ["[Definition]\nfailregex = <a>\na = <failregex>", "refers to itself"],
    ["[Definition]\nmaxlines = 3\nfailregex = <ADDR>", "maxlines = 3"],
    ["[Definition]", "no failregex"]
  ])("that fail2ban refuses are refused with the reason: %j", (text, reason) => {
    expect(Either.getOrThrow(Either.flip(parseFilter(text, "mine", new Map()))).message).toContain(reason)
  })
})
