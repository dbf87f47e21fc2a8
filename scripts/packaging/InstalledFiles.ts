/** The files that an installation has, from scripts/install, which keeps the only list of them. */
import { execFileSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { join, relative } from "node:path"

/** Where FreeBSD keeps local software. */
export const defaultPrefix = "/usr/local"

/** A file that is installed. */
export interface InstalledFile {
  readonly kind: "program" | "service" | "configuration" | "manual" | "document" | "completions"
  /** As an octal number: 755. */
  readonly mode: string
  /** The file of the sources; of completions the shell. */
  readonly source: string
  readonly target: string
  /** Where the unedited copy of a configuration is. */
  readonly sample: string | undefined
}

const install = (environment: Readonly<Record<string, string>>, flag: string): string =>
  execFileSync("scripts/install", [flag], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], PREFIX: defaultPrefix, SYSTEM: "FreeBSD", ...environment }
  })

/** What scripts/install would install on a system. */
export const installedFiles = (system: "FreeBSD" | "OpenBSD"): ReadonlyArray<InstalledFile> =>
  install({ SYSTEM: system }, "--list")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [kind = "", mode = "", source = "", target = "", sample] = line.split("\t")
      // scripts/install has these kinds and no others.
      return { kind: kind as InstalledFile["kind"], mode, source, target, sample }
    })

/** Installs below a folder what a package of FreeBSD holds: everything, and of the configuration the samples. */
export const stage = (directory: string): void => {
  install({ DESTDIR: directory, NODE: `${defaultPrefix}/bin/node` }, "--package")
}

/** The files below a folder, relative to it and sorted. */
export const filesBelow = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort()

/** A path below the prefix, relative to it. */
export const belowPrefix = (path: string): string => {
  if (!path.startsWith(`${defaultPrefix}/`)) throw new Error(`${path} is not below ${defaultPrefix}`)
  return path.slice(defaultPrefix.length + 1)
}
