import type { ScanComparisonResult, ToldSources } from "../replay/ScanComparison.ts"
import { counted, grouped } from "./Counted.ts"
import type { ReportStyle } from "./ReportStyle.ts"

/** Who would be banned by packets, by ports and by networks, for people. */
export const scanComparisonText = (
  { within, byPorts, byNetworks, inBoth, byPacketsOnly, byPortsOnly, rows }: ScanComparisonResult,
  { strong }: ReportStyle
): ReadonlyArray<string> => [
  strong("Beside it, the jail pfasciilogd-scan (the second log, scan.file):"),
  `  ${label(byPorts)} within ${within} s: ${sourcesText(byPorts)}`,
  `    ${grouped(inBoth)} banned by packets too, ${grouped(byPacketsOnly)} by packets only, ${grouped(byPortsOnly)} by ports only`,
  `  ${label(byNetworks)} within ${within} s: ${networksText(byNetworks)}`,
  ...(rows.length === 0 ? [] : ["", strong(`Sources that it would ban, by other choices within ${within} s:`)]),
  ...rows.map((row) => `  ${label(row).padEnd(48)} ${grouped(row.sources.length).padStart(8)}${sparedText(row)}`)
]

const label = ({ ports, hosts }: ToldSources): string =>
  hosts === 0
    ? `${counted(ports, "distinct port")}`
    : `per /24 and /48: ${counted(ports, "distinct port")} by ${counted(hosts, "host")}`

const sourcesText = (told: ToldSources): string => `${counted(told.sources.length, "source")}${sparedText(told)}`

/** How many networks are named. */
const mostNamed = 5

const networksText = (told: ToldSources): string => {
  const { sources } = told
  const named = sources.length === 0 ? "" : `: ${sources.slice(0, mostNamed).join(", ")}`
  return `${counted(sources.length, "network")}${sparedText(told)}${named}${sources.length > mostNamed ? ", …" : ""}`
}

const sparedText = ({ spared }: ToldSources): string =>
  spared === 0 ? "" : ` (and ${grouped(spared)} of the never-ban list, not named)`
