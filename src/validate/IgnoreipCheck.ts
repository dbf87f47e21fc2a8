import { parseIgnoreipEntry } from "../fail2ban/ignoreip/IgnoreipEntry.ts"
import { IgnoreList } from "../fail2ban/ignoreip/IgnoreList.ts"
import { isNeighbour } from "../host/neverban/Network.ts"
import { type NeverBanEntry, type NeverBanList, reasonText } from "../host/neverban/NeverBanList.ts"
import type { Jail } from "./Fail2banJails.ts"
import type { ServerJail } from "./Fail2banServer.ts"
import { type Finding, failed, good } from "./Finding.ts"

/**
 * Whether a jail ignores the hosts of the never-ban list. What the running server has loaded counts. Its `ignoreself` does not
 * count: it knows only what the host's name resolves to, often 127.0.0.1 alone, and on a BSD not even that.
 */
export const checkIgnoreip = (jail: Jail, server: ServerJail, list: NeverBanList): ReadonlyArray<Finding> => {
  const running = server._tag === "Running" ? server.ignoreip : undefined
  return [...unreadableEntries(jail, running ?? []), ...bannableHosts(jail, running, list)]
}

const unreadableEntries = (jail: Jail, running: ReadonlyArray<string>): ReadonlyArray<Finding> => {
  // The server lists an entry that it cannot read without its length.
  const known = (entry: string) => jail.ignoreip.some((own) => own === entry || own.startsWith(`${entry}/`))
  const faults = [...jail.ignoreip, ...running.filter((entry) => !known(entry))].flatMap((entry) => {
    const ignored = parseIgnoreipEntry(entry)
    return ignored._tag === "Unreadable" ? [`${entry} (${ignored.why})`] : []
  })
  if (faults.length === 0) return []
  return [
    failed(
      "ignoreip",
      `the ignoreip of ${jail.name} has entries that fail2ban cannot read, and that ignore nobody: ${faults.join(", ")}`,
      "Write addresses and networks in full in ignoreip, such as 192.0.2.10, 192.168.0.0/24 and fe80::1, then: fail2ban-client reload"
    )
  ]
}

/** Loopback and multicast addresses are in no packet that a filter counts. */
const canBeBanned = ({ network }: NeverBanEntry): boolean => isNeighbour(network)

const bannableHosts = (
  jail: Jail,
  running: ReadonlyArray<string> | undefined,
  { entries }: NeverBanList
): ReadonlyArray<Finding> => {
  const ignored = new IgnoreList(running ?? jail.ignoreip)
  const bannable = entries.filter((entry) => canBeBanned(entry) && !ignored.covers(entry.network))
  const how = running === undefined ? "as configured" : "as the running server says"
  if (bannable.length === 0) {
    return [good("ignoreip", `${jail.name} ignores all hosts that must never be banned from here, ${how}`)]
  }
  const hosts = bannable.map((entry) => `${entry.network.text} (${reasonText(entry)})`).join(", ")
  const configured = new IgnoreList(jail.ignoreip)
  const isConfigured = bannable.every(({ network }) => configured.covers(network))
  return [
    failed(
      "ignoreip",
      `${jail.name} may ban ${hosts}, ${how}: that would cut this host off`,
      isConfigured ? "fail2ban-client reload" : "pfasciilogd ignoreip --write && fail2ban-client reload"
    )
  ]
}
