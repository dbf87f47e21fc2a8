type FileSystem = typeof import("node:fs")
type Hashing = typeof import("node:crypto")

/** The line between the two parts. Written like this it doesn't stand in the first of them itself. */
const marker = `\n// ${"-".repeat(72)}\n//`

/**
 * The program's file: what starts it, and the program behind that, as a comment.
 *
 * @throws where the program has a line end that JavaScript knows, and no line feed: it would end the comment
 */
export const fileOf = (start: string, program: string): string => {
  if (/[\r\u2028\u2029]/.test(program)) throw new Error("the program has a line end that is no line feed")
  return `${start.trimEnd()}${marker}${program.trimEnd().replaceAll("\n", "\n//")}\n`
}

/** The program in its file, as the source of a function that takes `require`. */
export const programIn = (file: string): string =>
  `(function (require) {${file.slice(file.indexOf(marker) + marker.length, -1).replaceAll("\n//", "\n")}\n})`

/** Where the compiled code of a program lies: a digest, and then what V8 gave. */
export const compiledFile = (path: string): string => `${path}.compiled`

const digestLength = 32

/** V8 compares the lengths of source and code only, and crashes on what is damaged: this tells both from any others. */
const digestOf = ({ createHash }: Hashing, program: Uint8Array, compiled: Uint8Array): Buffer =>
  createHash("sha256").update(program).update(compiled).digest()

/**
 * The compiled code of a program, where it is whole and of this very program. V8 refuses what another version of it has made.
 *
 * It is code that is run like the program itself: only whoever owns the program may have put it there.
 *
 * @param path the program's file, without symbolic links
 * @param program what that file holds
 */
export const compiledAhead = (
  fs: FileSystem,
  crypto: Hashing,
  path: string,
  program: Uint8Array
): Buffer | undefined => {
  try {
    // O_NONBLOCK: a named pipe in its place must not hold us.
    const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants
    const descriptor = fs.openSync(compiledFile(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const found = fs.fstatSync(descriptor)
      if (!found.isFile() || found.uid !== fs.statSync(path).uid || (found.mode & 0o022) !== 0) return undefined
      const content = fs.readFileSync(descriptor)
      const compiled = content.subarray(digestLength)
      const isWhole = digestOf(crypto, program, compiled).equals(content.subarray(0, digestLength))
      return isWhole ? compiled : undefined
    } finally {
      fs.closeSync(descriptor)
    }
  } catch {
    // There is none, or none that can be read: the program is as right without, and starts later.
    return undefined
  }
}

/** Keeps the compiled code of a program beside it, as a whole or not at all. */
export const keepCompiled = (
  fs: FileSystem,
  crypto: Hashing,
  path: string,
  program: Uint8Array,
  compiled: Uint8Array
): void => {
  const file = compiledFile(path)
  const whole = `${file}.${process.pid}`
  try {
    // One that was killed may have left it, and its process number is ours now.
    fs.rmSync(whole, { force: true })
    fs.writeFileSync(whole, Buffer.concat([digestOf(crypto, program, compiled), compiled]), { flag: "wx", mode: 0o644 })
    fs.renameSync(whole, file)
  } catch (error) {
    fs.rmSync(whole, { force: true })
    throw error
  }
}
