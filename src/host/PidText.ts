import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import { type Errno, systemCall } from "./Errno.ts"
import { closeDescriptor } from "./NewFile.ts"

/** What a file holds, seen as a pid file. */
export interface PidText {
  /** A number, nothing (a writer has died, or the disk was full), or what no pid file holds. */
  readonly kind: "number" | "nothing" | "other"
  readonly pid: number | undefined
}

/** A pid file is no longer than this. */
const longest = 64

/** What has been a pid file: a number of at most ten digits, or the zeros that a crash of the host leaves of it. */
const asPidText = (content: string): PidText => {
  if (content.length > longest) return { kind: "other", pid: undefined }
  const number = /^\s*(\d{1,10})\s*$/.exec(content)?.[1]
  if (number !== undefined) return { kind: "number", pid: Number.parseInt(number, 10) }
  return { kind: /^[\0\s]*$/.test(content) ? "nothing" : "other", pid: undefined }
}

/** What an open file begins with, as a pid file; a longer one is none. */
export const readStart = (descriptor: number): Effect.Effect<PidText, Errno> => {
  const bytes = Buffer.alloc(longest + 1)
  return systemCall<number>((done) => fs.read(descriptor, bytes, 0, bytes.length, 0, done)).pipe(
    Effect.map((length) => asPidText(bytes.toString("latin1", 0, length)))
  )
}

/** The number in a file; nothing where it can't be read or holds anything else. A FIFO without a writer holds nothing. */
export const writtenPid = (path: string): Effect.Effect<number | undefined> =>
  Effect.acquireUseRelease(
    systemCall<number>((done) => fs.open(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK, done)),
    readStart,
    closeDescriptor
  ).pipe(
    Effect.map(({ pid }) => pid),
    Effect.orElseSucceed(() => undefined)
  )

/** Replaces the content of an open file, by its descriptor. */
export const overwrite = (descriptor: number, text: string): Effect.Effect<void, Errno> =>
  systemCall<void>((done) => fs.ftruncate(descriptor, 0, done)).pipe(
    Effect.zipRight(systemCall<number>((done) => fs.write(descriptor, text, 0, "latin1", done))),
    Effect.asVoid
  )
