/**
 * The server of the newest lease of each interface in dhclient.leases(5). The file contains texts that the server chooses, which
 * dhclient quotes on lines of their own: only a line that is the option and nothing else counts.
 */
export const dhclientServers = (text: string): ReadonlyArray<string> => {
  const newest = new Map<string, string>()
  for (const lease of text.split(/^lease\b/m)) {
    const server = /^[ \t]*option dhcp-server-identifier ([\d.]+);[ \t]*$/m.exec(lease)?.[1]
    if (server !== undefined) newest.set(/^[ \t]*interface "([^"]*)";/m.exec(lease)?.[1] ?? "", server)
  }
  return [...newest.values()]
}

/** The server of a lease of systemd-networkd. */
export const networkdServers = (text: string): ReadonlyArray<string> => addressesIn(text, /^SERVER_ADDRESS=([\d.]+)$/gm)

/** The server of `dhcpcd -U INTERFACE`. */
export const dhcpcdServers = (text: string): ReadonlyArray<string> =>
  addressesIn(text, /^dhcp_server_identifier='?([\d.]+)'?$/gm)

/** The server of OpenBSD's `dhcpleasectl -l INTERFACE`. */
export const dhcpleaseServers = (text: string): ReadonlyArray<string> => addressesIn(text, /^\s*server: ([\d.]+)$/gm)

/** The servers of NetworkManager, of `nmcli -t -f DHCP4 device show`. */
export const networkManagerServers = (text: string): ReadonlyArray<string> =>
  addressesIn(text, /^DHCP4\.OPTION\[\d+\]:dhcp_server_identifier = ([\d.]+)$/gm)

const addressesIn = (text: string, pattern: RegExp): ReadonlyArray<string> =>
  [...text.matchAll(pattern)].map(([, address = ""]) => address)
