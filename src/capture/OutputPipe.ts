import { constants, mkdtemp, open, rm } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Command from "@effect/platform/Command"
import * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as PlatformError from "@effect/platform/Error"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { systemCall } from "../log/Errno.ts"
import { readPipe } from "./PipeReader.ts"

/** A process, and its output as it comes together; each piece is good until the next is asked for. */
export interface PipedProcess {
  readonly child: CommandExecutor.Process
  readonly output: Stream.Stream<Uint8Array, PlatformError.PlatformError>
}

/**
 * Starts a command whose output comes through a pipe.
 *
 * Node gives a child a socket for its output. tcpdump writes each line by itself, and to a socket that is dear: the kernel
 * books each write as a buffer of its own, so that 170 lines fill it, where a pipe holds 600 (measured on Linux: a third less
 * time for tcpdump, and half of ours). A pipe that a child can have is a named one: the shell makes it, opens it as its output
 * and becomes the command. Where it can't be made, the output comes through the socket, which is as right.
 */
export const startPiped = (
  command: Command.Command
): Effect.Effect<PipedProcess, PlatformError.PlatformError, CommandExecutor.CommandExecutor | Scope.Scope> =>
  Effect.gen(function* () {
    const executor = yield* CommandExecutor.CommandExecutor
    const folder = yield* Effect.option(Effect.acquireRelease(makeFolder, removeFolder))
    if (Option.isNone(folder)) {
      const child = yield* executor.start(command)
      return { child, output: child.stdout }
    }
    const path = join(folder.value, "tcpdump-output")
    const child = yield* executor.start(throughShell(command, path))
    const output = outputOf(child, path).pipe(Effect.ensuring(removeFolder(folder.value)))
    // Nothing is waited for before both outputs are read: Node throws away what nobody reads when the process ends.
    return { child, output: Stream.unwrapScoped(output) }
  })

const makeFolder = systemCall<string>((done) => mkdtemp(join(tmpdir(), "pfasciilogd-"), done))

const removeFolder = (path: string): Effect.Effect<void> =>
  Effect.ignore(systemCall<void>((done) => rm(path, { recursive: true, force: true }, done)))

/** Tells the pipe's name once it is there; opening it waits until we have opened it, too, and closes what it told it through. */
const becomeCommand = 'mkfifo -m 600 "$0" 2>/dev/null && echo "$0" && exec >"$0"; exec "$@"'

/** Opens the pipe, and waits until the other end is open, too; the socket's bytes where there is no pipe. */
const outputOf = (child: CommandExecutor.Process, path: string) =>
  Effect.gen(function* () {
    const pull = yield* Stream.toPull(child.stdout)
    const first = yield* Effect.either(pull)
    if (Either.isLeft(first)) return Stream.empty
    if (textOf(first.right) !== `${path}\n`) {
      return Stream.concat(Stream.fromChunk(first.right), Stream.repeatEffectChunkOption(pull))
    }
    const output = yield* Effect.option(openPipe(path))
    // A pipe that nobody has opened for writing yet reads as one that is at its end.
    if (Option.isSome(output)) yield* Effect.ignore(Effect.forever(pull))
    return Option.getOrElse(output, () => Stream.empty)
  })

const openPipe = (path: string) =>
  // Without O_NONBLOCK this would wait for ever for a shell that was killed in the meantime.
  systemCall<number>((done) => open(path, constants.O_RDONLY | constants.O_NONBLOCK, done)).pipe(
    Effect.flatMap(readPipe),
    Effect.uninterruptible
  )

const throughShell = (command: Command.Command, path: string): Command.Command => {
  const [{ command: program, args, env, extendEnv, stdin }] = Command.flatten(command)
  return Command.make("/bin/sh", "-c", becomeCommand, path, program, ...args).pipe(
    Command.env(Object.fromEntries(env), { extendEnv }),
    Command.stdin(stdin)
  )
}

const textOf = (chunks: Chunk.Chunk<Uint8Array>): string =>
  Buffer.concat(Chunk.toReadonlyArray(chunks)).toString("latin1")
