import * as Effect from "effect/Effect"
import type { Errno } from "./Errno.ts"
import { isTrusted } from "./Folder.ts"
import { ask } from "./Program.ts"
import { readSmallFile } from "./SmallFile.ts"

/** A running process. Its number alone does not identify it, since numbers are used again. */
interface Process {
  readonly owner: number
  /** When it started, in milliseconds since 1970. */
  readonly started: number
  readonly command: string
}

/** In milliseconds: clocks are set, and both times are rounded. */
const slack = 10_000

/**
 * Whether a process is a running instance of ours that may have written a pid file: it runs our program, as root or as our user,
 * and started before the file was written. Other users can give their processes any arguments.
 *
 * @param written when the file was written, in milliseconds since 1970
 */
export const isInstance = (pid: number, written: number): Effect.Effect<boolean> =>
  pid < 2 || pid === process.pid || !isAlive(pid)
    ? Effect.succeed(false)
    : examine(pid).pipe(
        Effect.map(
          ({ owner, started, command }) => ourProgram.test(command) && isTrusted(owner) && !(started > written + slack)
        ),
        Effect.orElseSucceed(() => false)
      )

/** Our program as a part of a command line; a mere mention (an editor with our configuration, a folder) does not count. */
const ourProgram = /(^|[/\s\0])pfasciilogd(\.mjs)?[\s\0](.*[\s\0])?run([\s\0]|$)/s

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Node throws an ErrnoException here; EPERM: the process lives, and another user owns it.
    return (error as Errno).code === "EPERM"
  }
}

// FreeBSD has no /proc by default.
const examine = (pid: number): Effect.Effect<Process, unknown> => Effect.orElse(readProc(pid), () => askPs(pid))

/** Linux gives the time of a process's start in hundredths of a second since the host's. */
const readProc = (pid: number): Effect.Effect<Process, unknown> =>
  Effect.gen(function* () {
    const [status, stat, uptime, command] = yield* Effect.all(
      [`/proc/${pid}/status`, `/proc/${pid}/stat`, "/proc/uptime", `/proc/${pid}/cmdline`].map(textOf)
    )
    const owner = /^Uid:\s+\d+\s+(\d+)/m.exec(status ?? "")?.[1]
    // The name, in brackets, may contain blanks and brackets; the 22nd field is the 20th after it.
    const ticks = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19]
    if (owner === undefined || ticks === undefined) return yield* Effect.fail("not Linux's /proc")
    const age = Number.parseFloat(uptime ?? "") - Number(ticks) / 100
    return { owner: Number(owner), started: Date.now() - age * 1000, command: command ?? "" }
  })

const textOf = (path: string) => Effect.map(readSmallFile(path), String)

/** `65534 Wed Nov 25 22:30:27 2026     /usr/local/bin/node …` */
const psLine = /^\s*(\d+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s+(.*)$/s

/** A time of start that ps writes in another form is unknown, and no reason to doubt. */
const askPs = (pid: number): Effect.Effect<Process, unknown> =>
  Effect.flatMap(ask("ps", ["-ww", "-o", "uid=,lstart=,args=", "-p", String(pid)]), (answer) => {
    const parts = answer._tag === "Ended" ? psLine.exec(answer.stdout) : null
    if (parts === null) return Effect.fail("no answer of ps")
    const [, owner, started, command] = parts
    return Effect.succeed({ owner: Number(owner), started: Date.parse(started ?? ""), command: command ?? "" })
  })
