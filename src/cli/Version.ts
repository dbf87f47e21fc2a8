import { writeStandardOutput } from "../host/StandardOutput.ts"

/** Set by scripts/build.ts to the version in package.json. */
declare const PFASCIILOGD_VERSION: string

/** The version in package.json. */
export const version = (): string => PFASCIILOGD_VERSION

/** Whether the command line asks for nothing but the version, for which nothing else of the program needs to be loaded. */
export const asksForVersionAlone = (words: ReadonlyArray<string>): boolean =>
  words.length === 1 && words[0] === "--version"

/** Writes the version; `otherwise` tries again, and reports the failure, where the write fails. */
export const printVersion = (otherwise: () => void): void =>
  writeStandardOutput(`${version()}\n`, (error) => {
    if (error !== null) otherwise()
  })
