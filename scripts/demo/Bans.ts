import { decodeLine } from "../../src/decode/TextDecoder.ts"

/** placeholder until src/fail2ban can read the jail */
export const bansIn = (log: string) => {
  const counts = new Map<string, number>()
  for (const line of log.split("\n")) {
    const entry = decodeLine(line)
    if (entry?.source === undefined || entry.action !== "block" || entry.direction !== "in") continue
    counts.set(entry.source.address, (counts.get(entry.source.address) ?? 0) + 1)
  }
  const jail = { bantime: "1h", maxretry: 12, findtime: "10m" }
  const hosts = [...counts].filter(([, n]) => n >= jail.maxretry).map(([host, packets]) => ({ host, packets }))
  return { hosts, jail }
}
