import { constants, fstat, open, rmdirSync, rmSync, type Stats } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { type Errno, systemCall } from "../host/Errno.ts"
import { judgeFolder } from "../host/Folder.ts"
import { closeDescriptor } from "../host/NewFile.ts"
import { ask, lastLineOf } from "../host/Program.ts"
import { makeNamedPipe } from "../host/System.ts"
import { temporaryFolder } from "../host/TemporaryFolder.ts"

/** No named pipe can be made here. */
export class NoPipeError extends Data.TaggedError("NoPipeError")<{ readonly why: string }> {}

/** A pipe with a process to come at its other end. */
export interface Pipe<Output> {
  /** What comes out of it; it ends when all have closed the writing end. */
  readonly output: Output
  /** The writing end, to be closed by whoever asked for the pipe. */
  readonly writer: number
}

/** Fails unless nobody but root and we can change what we make in the folder for temporary files. */
const judgedFolder = Effect.suspend(() =>
  Effect.filterOrFail(
    judgeFolder(tmpdir()),
    ({ openness }) => openness === "private" || openness === "sticky",
    ({ why }) => new NoPipeError({ why })
  )
)

/**
 * A pipe for the output of a child, read as long as the scope.
 *
 * Node gives a child a socket, and has no pipe(2). tcpdump writes each line by itself, and to a socket that is dear: the
 * kernel books each write as a buffer of its own, so that some 170 lines fill it, where a pipe holds 64 KiB (measured on
 * Linux: tcpdump gets done in two thirds of the time, and our CPU is half). So a named one is made, whose name is gone when
 * this returns. It lies in a folder that only we can enter, within one in which nobody else can change our names.
 */
export const openPipe = <Output>(
  read: (descriptor: number) => Effect.Effect<Output, never, Scope.Scope>
): Effect.Effect<Pipe<Output>, Errno | NoPipeError, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    return yield* Effect.scoped(
      Effect.gen(function* () {
        yield* judgedFolder
        const path = nameIn(yield* temporaryFolder("pfasciilogd-", removePipe))
        yield* makeFile(path)
        // The reading end first, and without waiting for the other; that one doesn't wait then, either.
        const reader = yield* openEnd(path, constants.O_RDONLY | constants.O_NONBLOCK)
        const output = yield* Scope.extend(read(reader), scope)
        return { output, writer: yield* openEnd(path, constants.O_WRONLY) }
      })
    )
  }).pipe(Effect.uninterruptible)

// Never a recursive removal: it would follow whatever the folder has become.
const removePipe = (folder: string): void => {
  rmSync(nameIn(folder), { force: true })
  rmdirSync(folder)
}

const nameIn = (folder: string): string => join(folder, "output")

/** How long making the pipe may take, in milliseconds. */
const patience = 2000

const makeFile = (path: string): Effect.Effect<void, NoPipeError> =>
  Effect.flatMap(ask(makeNamedPipe, ["-m", "600", path], { patience }), (answer) => {
    if (answer._tag === "Missing") return new NoPipeError({ why: `${makeNamedPipe} is missing` })
    if (answer._tag === "Unanswered") return new NoPipeError({ why: `${makeNamedPipe}: ${answer.why}` })
    return answer.status === 0 ? Effect.void : new NoPipeError({ why: lastLineOf(answer.stderr) })
  })

const openEnd = (path: string, flags: number) =>
  Effect.flatMap(
    systemCall<number>((done) => open(path, flags | constants.O_NOFOLLOW, done)),
    (descriptor) =>
      systemCall<Stats>((done) => fstat(descriptor, done)).pipe(
        Effect.filterOrFail(
          (stats) => stats.isFIFO(),
          () => new NoPipeError({ why: `${path} is no named pipe` })
        ),
        Effect.as(descriptor),
        Effect.tapError(() => closeDescriptor(descriptor))
      )
  )

/** Closes our writing end: the pipe then ends with the last process that has it. */
export const closeWriter = ({ writer }: Pipe<unknown>): Effect.Effect<void> => closeDescriptor(writer)
