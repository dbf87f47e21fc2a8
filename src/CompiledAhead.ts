type FileSystem = typeof import("node:fs")

/** The line between the two parts. Written like this it doesn't stand in the first of them itself. */
const marker = `\n// ${"-".repeat(72)}\n//`

/** The program's file: what starts it, and the program behind that, as a comment. */
export const fileOf = (start: string, program: string): string =>
  `${start.trimEnd()}${marker}${program.trimEnd().replaceAll("\n", "\n//")}\n`

/** The program in its file, as the source of a function that takes `require`. */
export const programIn = (file: string): string =>
  `(function (require) {${file.slice(file.indexOf(marker) + marker.length, -1).replaceAll("\n//", "\n")}\n})`

/** Where the compiled code of a program lies. */
export const compiledFile = (path: string): string => `${path}.compiled`

/** What compiled code was compiled from: V8 itself compares lengths only. */
const identityOf = ({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }): string =>
  `${size} ${Math.floor(mtimeMs / 1000)}`.padEnd(identityLength)

const identityLength = 32

/**
 * The compiled code of a program, unless the program has changed since. V8 refuses what another version of it has made.
 *
 * It is code that is run like the program itself: only whoever owns the program may have put it there.
 *
 * @param path the program's file, without symbolic links
 */
export const compiledAhead = (fs: FileSystem, path: string): Buffer | undefined => {
  try {
    const descriptor = fs.openSync(compiledFile(path), fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)
    try {
      const [program, compiled] = [fs.statSync(path), fs.fstatSync(descriptor)]
      if (!compiled.isFile() || compiled.uid !== program.uid || (compiled.mode & 0o022) !== 0) return undefined
      const content = fs.readFileSync(descriptor)
      const isOurs = content.toString("latin1", 0, identityLength) === identityOf(program)
      return isOurs ? content.subarray(identityLength) : undefined
    } finally {
      fs.closeSync(descriptor)
    }
  } catch {
    // There is none, or none that can be read: the program is as right without, and starts later.
    return undefined
  }
}

/** Keeps the compiled code of a program beside it. */
export const keepCompiled = (fs: FileSystem, path: string, compiled: Buffer): void => {
  const file = compiledFile(path)
  const whole = `${file}.${process.pid}`
  const identity = Buffer.from(identityOf(fs.statSync(path)), "latin1")
  fs.writeFileSync(whole, Buffer.concat([identity, compiled]), { flag: "wx", mode: 0o644 })
  fs.renameSync(whole, file)
}
