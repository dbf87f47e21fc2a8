import { makeLocalStamp, makeUtcStamp } from "../format/Rfc3339.ts"
import { portText, type Scan } from "./Scan.ts"

/** How a scan is written: as one line of printable ASCII that ends with LF. */
export type ScanLine = (scan: Scan) => string

/** How many ports a line names; more are only counted. */
const mostNamed = 16

/**
 * Makes the lines that the shipped filter `pfasciilogd-scan` reads. Nothing on them but numbers and the names of protocols comes
 * from a packet.
 *
 * @example
 * 2026-11-22T06:16:54.507027+01:00 scan: 203.0.113.9 tried 12 ports of 1 address in 0.8 s: 22, 23, 25, 53/udp
 * 2026-11-22T06:16:54.507027+01:00 scan: 203.0.113.0/24 (9 hosts) tried 31 ports of 2 addresses in 3.1 s: 22, 23, …
 */
export const makeAsciiScanLine = (): ScanLine => {
  const stamp = makeLocalStamp()
  return (scan) => `${stamp(scan.time)} ${asciiScanText(scan)}\n`
}

/** The same without the time stamp. */
export const asciiScanText = (scan: Scan): string => `scan: ${textOf(scan)}`

/** Makes lines of JSON, their fields those of the Elastic Common Schema where it has one. */
export const makeJsonScanLine = (): ScanLine => {
  const stamp = makeUtcStamp()
  return (scan) =>
    `${JSON.stringify({
      "@timestamp": stamp(scan.time),
      event: { kind: "alert", category: ["network", "intrusion_detection"], type: ["info"], action: "scan" },
      source: scan.source.includes("/") ? { address: scan.source } : { address: scan.source, ip: scan.source },
      message: textOf(scan),
      pf: {
        scan: {
          hosts: scan.hosts,
          ports: scan.ports.map(portText),
          addresses: scan.addresses,
          seconds: scan.seconds
        }
      }
    })}\n`
}

const textOf = ({ source, hosts, ports, addresses, seconds }: Scan): string => {
  const by = hosts === undefined ? source : `${source} (${counted(hosts, "host", "hosts")})`
  const tried = `${counted(ports.length, "port", "ports")} of ${counted(addresses, "address", "addresses")}`
  const named = ports.slice(0, mostNamed).map(portText).join(", ")
  return `${by} tried ${tried} in ${seconds.toFixed(1)} s: ${named}${ports.length > mostNamed ? ", ..." : ""}`
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

/** The source that a line of the second log names, where it is one of ours as `makeAsciiScanLine` writes it. */
export const scanSourceIn = (line: string): string | undefined => ownLine.exec(line)?.[1]

const ownLine =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d scan: ([0-9a-f.:]+(?:\/\d+)?) (?:\(\d+ hosts?\) )?tried \d+ ports? of \d+ address(?:es)? in \d+\.\d s: /
