import type { PfLogEntry } from "../../src/decode/PfLogEntry.ts"
import type { ScanRules } from "../../src/scan/ScanDetector.ts"

/** A blocked SYN at a moment in milliseconds, with what is different about it. */
export const blocked = (
  milliseconds: number,
  source: string,
  port: number,
  more: Partial<PfLogEntry> & { readonly to?: string } = {}
): PfLogEntry => ({
  time: milliseconds * 1000,
  rule: 1,
  ruleset: undefined,
  subrule: undefined,
  reason: "match",
  action: "block",
  direction: "in",
  interface: "em0",
  uid: undefined,
  pid: undefined,
  ridentifier: undefined,
  family: source.includes(":") ? "ipv6" : "ipv4",
  protocol: "tcp",
  source: { address: source, port: 40_000 },
  destination: { address: more.to ?? (source.includes(":") ? "2001:db8:9::9" : "198.51.100.9"), port },
  tcpFlags: "S",
  fragment: false,
  icmpRequest: false,
  payloadLength: 0,
  text: "",
  ...more
})

/** Rules of a small detector. */
export const scanRules = (more: Partial<ScanRules> = {}): ScanRules => ({
  ports: 12,
  within: 10_000,
  remind: 600_000,
  sources: 1024,
  hosts: 0,
  networkPorts: 24,
  ...more
})
