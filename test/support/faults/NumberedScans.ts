/** So many lines of a numbered packet make a scan: each asks for a port of its own. */
export const linesPerScan = 12

const firstPort = 20

const scannerOf = (scan: number): string => `203.${(scan >> 16) & 255}.${(scan >> 8) & 255}.${scan & 255}`

/** tcpdump's text of the packet with this number, twelve of which in a row are a scan by a host of their own. */
export const scanningText = (number: number): string =>
  `rule ${number % 40}/0(match): block in on vtnet0: ${scannerOf(Math.floor(number / linesPerScan))}.4242 > ` +
  `192.0.2.1.${firstPort + (number % linesPerScan)}: Flags [S], seq ${number}, win 1024, length 0`

const ports = Array.from({ length: linesPerScan }, (_, index) => firstPort + index).join(", ")

/** What the second log tells of the scan with this number, without the time stamp. */
export const scanText = (scan: number): string =>
  `scan: ${scannerOf(scan)} tried ${linesPerScan} ports of 1 address in 0.0 s: ${ports}`

/** The number of a scan by its text; none unless the text is exactly what has to be told. */
export const scanNumberOf = (text: string): number | undefined => {
  const [, a = "", b = "", c = ""] = /^scan: 203\.(\d{1,3})\.(\d{1,3})\.(\d{1,3}) /.exec(text) ?? []
  const scan = Number(a) * 65_536 + Number(b) * 256 + Number(c)
  return scanText(scan) === text ? scan : undefined
}

/** The numbers of the scans in the second log's text, in order. */
export const scansIn = (text: string): Array<number> =>
  [...text.matchAll(/^\S+ (scan: .*)$/gm)].flatMap(([, scan]) => scanNumberOf(scan ?? "") ?? [])
