import { readFileSync } from "node:fs"

/** Set by scripts/build.ts to the texts of the files; absent where the sources run unbundled. */
declare const PFASCIILOGD_FILTER: string | undefined
declare const PFASCIILOGD_JAIL: string | undefined

const fileBeside = (path: string): string => readFileSync(new URL(`../../../fail2ban/${path}`, import.meta.url), "utf8")

/** The name of the filter and of the jail that are shipped. */
export const shippedName = "pfasciilogd"

/** The text of fail2ban/filter.d/pfasciilogd.conf as it was when the program was built. */
export const shippedFilterText = (): string =>
  typeof PFASCIILOGD_FILTER === "string" ? PFASCIILOGD_FILTER : fileBeside("filter.d/pfasciilogd.conf")

/** The text of fail2ban/jail.d/pfasciilogd.conf as it was when the program was built. */
export const shippedJailText = (): string =>
  typeof PFASCIILOGD_JAIL === "string" ? PFASCIILOGD_JAIL : fileBeside("jail.d/pfasciilogd.conf")
