/**
 * The peers of `ntpq -pn` and `ntpq -pnw`: the first column, after a character for the peer's state. Without `w` it is cut after 15
 * characters, so that a longer address could pass for another one: only IPv4 and shorter addresses are taken.
 */
export const ntpqPeers = (text: string): ReadonlyArray<string> => remotesOf(text).filter(isWhole)

/** The peers of `ntpq -pnw`, which puts the rest of the row on the next line where an address is long. */
export const ntpqWidePeers = (text: string): ReadonlyArray<string> => remotesOf(text)

const remotesOf = (text: string): ReadonlyArray<string> =>
  text
    .split("\n")
    .slice(text.split("\n").findIndex((line) => /^=+$/.test(line)) + 1)
    .flatMap((line) => /^[ x.\-+#*o]([\da-fA-F][\da-fA-F:.]*)(?: |$)/.exec(line)?.[1] ?? [])

const longestUncut = 14

const isWhole = (address: string): boolean => !address.includes(":") || address.length <= longestUncut

/** The peers of OpenNTPD's `ntpctl -s peers`: an address at the start of a line, before where it came from. */
export const ntpctlPeers = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^([\da-fA-F][\da-fA-F:.]*)(?: .*)?$/gm)].map(([, address = ""]) => address)

/** The sources of `chronyc -n sources` and `chronyc -nc sources` (with commas). */
export const chronySources = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^[\^=](?:,.,|.[ \t]+)([\da-fA-F:.]+)(?=[\s,])/gm)].map(([, address = ""]) => address)

/** The servers that a configuration names by address: ntp.conf(5), chrony.conf(5), OpenNTPD's ntpd.conf(5). */
export const ntpConf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^[ \t]*(?:server|servers|peer|pool)[ \t]+(?:-[46][ \t]+)?(\S+)/gm)].map(
    ([, address = ""]) => address
  )

/** The server that systemd-timesyncd uses, of `timedatectl show-timesync`. */
export const timesyncServer = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^ServerAddress=(\S+)$/gm)].map(([, address = ""]) => address)
