import { readFileSync } from "node:fs"

/** scripts/build.ts replaces these names by the texts of the files; they do not exist where the sources run unbundled. */
declare const PFASCIILOGD_FILTER: string | undefined
declare const PFASCIILOGD_JAIL: string | undefined
declare const PFASCIILOGD_SCAN_FILTER: string | undefined

const fileBeside = (path: string): string => readFileSync(new URL(`../../../fail2ban/${path}`, import.meta.url), "utf8")

/** The name of the shipped filter, and of the shipped jail. */
export const shippedName = "pfasciilogd"

/** The text of fail2ban/filter.d/pfasciilogd.conf at the time of the build. */
export const shippedFilterText = (): string =>
  typeof PFASCIILOGD_FILTER === "string" ? PFASCIILOGD_FILTER : fileBeside("filter.d/pfasciilogd.conf")

/** The text of fail2ban/jail.d/pfasciilogd.conf at the time of the build. */
export const shippedJailText = (): string =>
  typeof PFASCIILOGD_JAIL === "string" ? PFASCIILOGD_JAIL : fileBeside("jail.d/pfasciilogd.conf")

/** The name of the filter and of the jail of the second log. */
export const shippedScanName = "pfasciilogd-scan"

/** The text of fail2ban/filter.d/pfasciilogd-scan.conf as it was when the program was built. */
export const shippedScanFilterText = (): string =>
  typeof PFASCIILOGD_SCAN_FILTER === "string" ? PFASCIILOGD_SCAN_FILTER : fileBeside("filter.d/pfasciilogd-scan.conf")
