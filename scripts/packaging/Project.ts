/** What package.json and the repository say about the project: the packages' metadata come from here only. */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { builtLicenses } from "./Notices.ts"

/** The keys of package.json that packages use. */
export interface Project {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly homepage: string
}

/** package.json as it is. */
export const manifest: Readonly<Record<string, unknown>> = JSON.parse(readFileSync("package.json", "utf8"))

/** The project's metadata. */
export const project = manifest as unknown as Project // our own file, whose keys test/scripts/Package.test.ts holds

/** One line for people, without the article and the full stop that FreeBSD's and npm's rules rule out. */
export const comment = "Log of pf in ASCII, for fail2ban"

/** Two or three sentences for people who have not heard of it. */
export const summary = `pf shows the packets that it logs in binary, on the interface pflog0, while
fail2ban reads only text. pfasciilogd runs tcpdump on pflog0, decodes what
comes, and appends one line per packet to /var/log/pf.log, which newsyslog
rotates and fail2ban follows: who scans a host's ports is banned before the
scan is done.
`

/** What FreeBSD calls the licences that SPDX has names for: bsd.licenses.db.mk. */
const licensesOfFreeBsd: Readonly<Record<string, string>> = {
  "Apache-2.0": "APACHE20",
  "BSD-2-Clause": "BSD2CLAUSE",
  "BSD-3-Clause": "BSD3CLAUSE",
  ISC: "ISCL",
  MIT: "MIT"
}

/** The licences of the built program, all of which hold, as FreeBSD names them. */
export const licenses = (): ReadonlyArray<string> =>
  builtLicenses(project.license).map((license) => {
    const name = licensesOfFreeBsd[license]
    if (name === undefined) throw new Error(`FreeBSD's name for the licence ${license} is not known here: add it.`)
    return name
  })

/** When the packaged commit was made, in seconds: SOURCE_DATE_EPOCH, or what git says. */
export const commitTime = (): number => {
  const given = process.env["SOURCE_DATE_EPOCH"]
  const time = given ?? execFileSync("git", ["log", "-1", "--format=%ct"], { encoding: "utf8" })
  if (!/^\d+\s*$/.test(time)) throw new Error(`SOURCE_DATE_EPOCH is '${time}': seconds since 1970 are accepted.`)
  return Number(time)
}
