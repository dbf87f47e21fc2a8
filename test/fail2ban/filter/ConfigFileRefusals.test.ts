import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { expect, it } from "vitest"
import { readFilter } from "../../../src/fail2ban/filter/FilterFile.ts"
import { temporaryFolder } from "../../support/PerTest.ts"

const definition = "[Definition]\nfailregex = ^x <HOST>$\n"
const including = (name: string) => `[INCLUDES]\nbefore = ${name}\n${definition}`

const files: Readonly<Record<string, Uint8Array>> = {
  "plain.conf": Buffer.from(definition),
  "mark.conf": Buffer.from(`\ufeff${definition}`),
  "mark-included.conf": Buffer.from(including("mark.conf")),
  "latin.conf": Buffer.from("[Definition]\nfailregex = ^x <HOST>\xff$\n", "latin1"),
  "latin-included.conf": Buffer.from(including("latin.conf")),
  "itself.conf": Buffer.from(including("itself.conf")),
  "circle.conf": Buffer.from(including("./circle.conf")),
  "two.conf": Buffer.from(including("other.conf")),
  "other.conf": Buffer.from(including("../filter.d/two.conf"))
}

it.each(Object.keys(files))("takes or refuses a filter as fail2ban does: %s", async (name) => {
  const folder = path.join(temporaryFolder(), "filter.d")
  fs.mkdirSync(folder)
  for (const [file, bytes] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), bytes)
  const filter = path.join(folder, name)
  const { status } = spawnSync("fail2ban-regex", ["x 1.2.3.4", filter])
  const read = await Effect.runPromise(Effect.either(readFilter(filter)).pipe(Effect.provide(NodeContext.layer)))
  expect(Either.isRight(read)).toBe(status === 0)
})

it("does not wait for a filter that is a FIFO, nor read a device", async () => {
  const fifo = path.join(temporaryFolder(), "fifo.conf")
  spawnSync("mkfifo", [fifo])
  for (const filter of [fifo, "/dev/zero"]) {
    const read = await Effect.runPromise(Effect.either(readFilter(filter)).pipe(Effect.provide(NodeContext.layer)))
    expect(Either.isLeft(read)).toBe(true)
  }
})
