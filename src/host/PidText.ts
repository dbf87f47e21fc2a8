import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import { type Errno, systemCall } from "./Errno.ts"
import { readBytes, readStart } from "./SmallFile.ts"

/** The content of a file, seen as a pid file. */
export interface PidText {
  /** A number; nothing (a writer has died, or the disk was full); or what no pid file holds. */
  readonly kind: "number" | "nothing" | "other"
  readonly pid: number | undefined
}

/** No pid file is longer. */
const longest = 64

/** A pid file holds a number of at most ten digits, or the zeros that a crash of the host leaves of it. */
const parsePidText = (bytes: Buffer): PidText => {
  const content = bytes.toString("latin1")
  if (content.length > longest) return { kind: "other", pid: undefined }
  const number = /^\s*(\d{1,10})\s*$/.exec(content)?.[1]
  if (number !== undefined) return { kind: "number", pid: Number.parseInt(number, 10) }
  return { kind: /^[\0\s]*$/.test(content) ? "nothing" : "other", pid: undefined }
}

/** Reads an open file as a pid file. */
export const readPidText = (descriptor: number): Effect.Effect<PidText, Errno> =>
  Effect.map(readBytes(descriptor, longest + 1), parsePidText)

/** The process number in a file; nothing where the file can't be read or holds anything else. */
export const writtenPid = (path: string): Effect.Effect<number | undefined> =>
  readStart(path, longest + 1).pipe(
    Effect.map((bytes) => parsePidText(bytes).pid),
    Effect.orElseSucceed(() => undefined)
  )

/** Replaces the content of an open file, by its descriptor. */
export const overwrite = (descriptor: number, text: string): Effect.Effect<void, Errno> =>
  systemCall<void>((done) => fs.ftruncate(descriptor, 0, done)).pipe(
    Effect.zipRight(systemCall<number>((done) => fs.write(descriptor, text, 0, "latin1", done))),
    Effect.asVoid
  )
