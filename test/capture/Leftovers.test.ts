import * as Command from "@effect/platform/Command"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { runCapture } from "../../src/capture/Capture.ts"
import { killLeftovers, markAsOurs, markedIn } from "../../src/capture/Leftovers.ts"
import { fakeTcpdump, isAlive } from "../support/Daemon.ts"
import { temporaryFolder } from "../support/Descriptors.ts"
import { untilEffect } from "../support/Waiting.ts"

describe("killLeftovers", () => {
  it.scopedLive("kills what the instance with this pid file has started, and nothing of another", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const command = Command.make(fakeTcpdump(folder, "exec sleep 1000"))
      const started: Array<number> = []
      const stop = yield* Deferred.make<void>()
      const start = (pidFile: string) =>
        Effect.fork(
          runCapture(markAsOurs(command, pidFile), "fake", stop, Duration.seconds(1), (pid) =>
            Effect.sync(() => {
              started.push(pid)
              return { onBytes: () => Effect.void, onWords: () => Effect.void, onEnd: Effect.void }
            })
          )
        )
      const runs = [yield* start(`${folder}/one.pid`), yield* start(`${folder}/one.pid.2`)]
      yield* untilEffect("both run", () => started.length === 2)
      expect(yield* killLeftovers(`${folder}/two.pid`)).toEqual([])
      const [killed = 0] = yield* killLeftovers(`${folder}/one.pid`)
      expect(started).toContain(killed)
      yield* untilEffect("it is gone", () => !isAlive(killed))
      expect(started.filter(isAlive)).toHaveLength(1)
      yield* Deferred.succeed(stop, undefined)
      yield* Fiber.joinAll(runs)
    })
  )
})

describe("markedIn", () => {
  it("finds marked processes in what FreeBSD's and OpenBSD's ps list, by the whole path", () => {
    const listing = `    1 /sbin/init
 4711 PATH=/sbin:/bin LC_ALL=C PFASCIILOGD_CAPTURE=/var/run/pfasciilogd.pid tcpdump -U -i pflog0 -w -
 4712 tcpdump -U -i pflog0 -w - PATH=/sbin:/bin PFASCIILOGD_CAPTURE=/var/run/pfasciilogd.pid
 4713 PFASCIILOGD_CAPTURE=/var/run/pfasciilogd.pid.2 tcpdump -U -i pflog1 -w -
`
    expect(markedIn(listing, "/var/run/pfasciilogd.pid")).toEqual([4711, 4712])
  })
})
