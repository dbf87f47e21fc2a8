/** npm's tarball: the bundled program and what scripts/install installs beside it, with nothing that npm would have to install. */
import { execFileSync } from "node:child_process"
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { installedFiles } from "./InstalledFiles.ts"
import { licenseFile } from "./Notices.ts"
import { manifest, project } from "./Project.ts"

/** The tarball's name, as npm and the port have it. */
export const tarballName = `${project.name}-${project.version}.tgz`

// The bundled program prints the completions itself, for scripts/install.
const packagedFiles = (): ReadonlyArray<string> => {
  const installed = [...installedFiles("FreeBSD"), ...installedFiles("OpenBSD")]
  const sources = installed.filter(({ kind }) => kind !== "completions").map(({ source }) => source)
  return [...new Set(["scripts/install", ...sources])]
}

/** Where a file of the sources is in the tarball: people and tools look for the licence at the top. */
const placeOf = (file: string): string => (file === licenseFile ? "LICENSE" : file)

/** package.json without what only the sources need. Without `private`, which keeps a checkout from being published. */
const packagedManifest = (): string => {
  const { private: _private, devDependencies: _packages, scripts: _scripts, ...kept } = manifest
  return `${JSON.stringify(kept, null, 2)}\n`
}

/** Writes the tarball into a folder; gives what was written. */
export const writeNpmTarball = (directory: string): ReadonlyArray<string> => {
  const folder = mkdtempSync(join(tmpdir(), "pfasciilogd-npm-"))
  try {
    for (const file of packagedFiles()) {
      const copy = join(folder, placeOf(file))
      mkdirSync(dirname(copy), { recursive: true })
      copyFileSync(file, copy)
      chmodSync(copy, /^(dist|scripts)\//.test(placeOf(file)) ? 0o755 : 0o644)
    }
    writeFileSync(join(folder, "package.json"), packagedManifest(), { mode: 0o644 })
    execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", directory], { cwd: folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return [join(directory, tarballName)]
}
