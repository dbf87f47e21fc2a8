/** What `pkg create` makes a package of: the files below a root, the manifest and the plist. It needs no tree of ports. */
import { spawnSync } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { belowPrefix, defaultPrefix, type InstalledFile, installedFiles, stage } from "./InstalledFiles.ts"
import { manifestMessages } from "./Message.ts"
import { comment, commitTime, project, summary } from "./Project.ts"

// No dependency on a package of Node's: node20, node22, node24 and node are all good.
const manifest = {
  name: project.name,
  version: project.version,
  origin: `security/${project.name}`,
  comment,
  desc: summary,
  maintainer: "ports@FreeBSD.org",
  www: project.homepage.replace(/#.*/, ""),
  abi: "FreeBSD:*",
  prefix: defaultPrefix,
  licenselogic: "single",
  licenses: [project.license],
  categories: ["security", "net"],
  messages: manifestMessages
}

// Ports say @sample for the two commands, which pkg knows only where there is a tree of ports.
const plistLines = ({ mode, target, sample }: InstalledFile): ReadonlyArray<string> => {
  const file = (path: string) => `@(root,wheel,0${mode}) ${belowPrefix(path)}`
  if (sample === undefined) return [file(target)]
  const [from, to] = [`%D/${belowPrefix(sample)}`, `%D/${belowPrefix(target)}`]
  return [
    file(sample),
    `@dir ${belowPrefix(dirname(target))}`,
    `@postexec [ -e ${to} ] || cp -p ${from} ${to}`,
    `@preunexec if cmp -s ${from} ${to}; then rm -f ${to}; fi`
  ]
}

/** Writes root, manifest and plist into a folder, and on FreeBSD the package; gives what was written or is to do. */
export const writePkg = (directory: string): ReadonlyArray<string> => {
  const [root, manifestFile, plist] = [join(directory, "root"), join(directory, "+MANIFEST"), join(directory, "plist")]
  // What an earlier version has installed must not get in.
  rmSync(root, { recursive: true, force: true })
  stage(root)
  writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o644 })
  writeFileSync(plist, `${installedFiles("FreeBSD").flatMap(plistLines).join("\n")}\n`, { mode: 0o644 })
  const words = ["create", "-M", manifestFile, "-p", plist, "-r", root, "-t", String(commitTime()), "-o", directory]
  const made = process.platform === "freebsd" ? spawnSync("pkg", words, { stdio: "inherit" }).status === 0 : false
  return [
    root,
    manifestFile,
    plist,
    made ? `${directory}: the package` : `Make the package on FreeBSD: pkg ${words.join(" ")}`
  ]
}
