/** What `pkg create` makes a package of: the files below a root, the manifest and the plist. It needs no tree of ports. */
import { spawnSync } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { belowPrefix, defaultPrefix, type InstalledFile, installedFiles, stage } from "./InstalledFiles.ts"
import { manifestMessages } from "./Message.ts"
import { comment, commitTime, licenses, project, summary } from "./Project.ts"

/** A configuration and its sample, as paths below the prefix. */
const configurations = (files: ReadonlyArray<InstalledFile>): ReadonlyArray<string> =>
  files.flatMap(({ target, sample }) => (sample === undefined ? [] : [`${belowPrefix(sample)} ${belowPrefix(target)}`]))

// Ports say @sample, which pkg knows only where there is a tree of ports; of the keywords for commands it knows none since 1.17.
const forEachConfiguration = (files: ReadonlyArray<InstalledFile>, command: string): string =>
  `cd "\${PKG_ROOTDIR%/}$PKG_PREFIX" || exit 1
while read -r sample file; do
  ${command}
done <<FILES
${configurations(files).join("\n")}
FILES
`

// No dependency on a package of Node's: node20, node22, node24 and node are all good.
const manifest = (files: ReadonlyArray<InstalledFile>) => ({
  name: project.name,
  version: project.version,
  origin: `security/${project.name}`,
  comment,
  desc: summary,
  maintainer: "ports@FreeBSD.org",
  www: project.homepage.replace(/#.*/, ""),
  abi: "FreeBSD:*",
  prefix: defaultPrefix,
  licenselogic: "and",
  licenses: licenses(),
  categories: ["security", "net"],
  scripts: {
    "post-install": forEachConfiguration(files, '[ -e "$file" ] || cp -p "$sample" "$file"'),
    "pre-deinstall": forEachConfiguration(files, 'if cmp -s "$sample" "$file"; then rm -f "$file"; fi')
  },
  messages: manifestMessages
})

// pkg makes and removes the folders of its files by itself.
const plistLines = ({ mode, target, sample }: InstalledFile): ReadonlyArray<string> => {
  const file = `@(root,wheel,0${mode}) ${belowPrefix(sample ?? target)}`
  return sample === undefined || dirname(sample) === dirname(target)
    ? [file]
    : [file, `@dir ${belowPrefix(dirname(target))}`]
}

/** Writes root, manifest and plist into a folder, and where pkg is the package, too; gives what was written or is to do. */
export const writePkg = (directory: string): ReadonlyArray<string> => {
  const [root, manifestFile, plist] = [join(directory, "root"), join(directory, "+MANIFEST"), join(directory, "plist")]
  // What an earlier version has installed must not get in.
  rmSync(root, { recursive: true, force: true })
  stage(root)
  const files = installedFiles("FreeBSD")
  writeFileSync(manifestFile, `${JSON.stringify(manifest(files), null, 2)}\n`, { mode: 0o644 })
  writeFileSync(plist, `${files.flatMap(plistLines).join("\n")}\n`, { mode: 0o644 })
  const words = ["create", "-M", manifestFile, "-p", plist, "-r", root, "-t", String(commitTime()), "-o", directory]
  const { error, status } = spawnSync("pkg", words, { stdio: "inherit" })
  if (error === undefined && status !== 0) throw new Error(`This has failed: pkg ${words.join(" ")}`)
  const last = error === undefined ? join(directory, `${project.name}-${project.version}.pkg`) : undefined
  return [root, manifestFile, plist, last ?? `Make the package on FreeBSD: pkg ${words.join(" ")}`]
}
