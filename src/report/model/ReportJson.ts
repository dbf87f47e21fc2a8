import type { Report } from "./Report.ts"

/** The report for programs: the same values as on the page. Times are in seconds since 1970; what is not known is null. */
export const reportJson = (report: Report): string =>
  JSON.stringify(report, (_, value: unknown) => (value === undefined ? null : value), 2)
