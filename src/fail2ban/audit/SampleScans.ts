import { type ScannedPort, summarize } from "../../scan/Scan.ts"
import { asciiScanText } from "../../scan/ScanLine.ts"
import type { SamplePacket } from "./SamplePackets.ts"

const tcp = (...ports: ReadonlyArray<number>): ReadonlyArray<ScannedPort> =>
  ports.map((port) => ({ protocol: "tcp", port }))

const usual = tcp(21, 22, 23, 25, 80, 110, 143, 443, 445, 3306, 3389, 6379)

const others = ["udp", "sctp"].map((protocol) => ({ protocol, port: 53 }))

const portless = ["icmp", "ipv6-icmp", "gre", ""].map((protocol) => ({ protocol, port: 0 }))

const sample = (
  name: string,
  source: string,
  ports: ReadonlyArray<ScannedPort>,
  { hosts, addresses = 1 }: { readonly hosts?: number; readonly addresses?: number } = {}
): SamplePacket => ({ name, text: asciiScanText(summarize(source, 0, hosts, ports, addresses, 0.84)) })

/** Lines of the second log, of every form: a filter must name the source of each that it matches. */
export const sampleScans: ReadonlyArray<SamplePacket> = [
  sample("a scan", "192.0.2.77", usual),
  sample("a scan over IPv6", "2001:db8:0:77::/64", usual),
  sample("a scan by a network", "192.0.2.0/24", usual, { hosts: 9, addresses: 2 }),
  sample("a scan by a network over IPv6", "2001:db8::/48", usual, { hosts: 9 }),
  sample("a scan of one port at many addresses", "192.0.2.77", tcp(22), { addresses: 12 }),
  sample("a scan of several protocols", "192.0.2.77", [...tcp(22), ...others, ...portless], { addresses: 2 }),
  sample("a scan of more ports than are named", "192.0.2.77", tcp(...Array.from({ length: 24 }, (_, port) => port + 1)))
]
