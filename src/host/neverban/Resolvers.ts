/** The name servers of resolv.conf(5); OpenBSD allows `[192.0.2.53]:5353`. */
export const resolvConf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^[ \t]*nameserver[ \t]+(?:\[([^\]\s]*)\]\S*|(\S+))/gm)].map(
    ([, inner, plain]) => inner ?? plain ?? ""
  )

/** The servers that unbound asks: `forward-addr: 192.0.2.53@853#name` in unbound.conf(5), and `stub-addr`. */
export const unboundConf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^[ \t]*(?:forward|stub)-addr:[ \t]*"?([^\s"@#]+)/gm)].map(([, address = ""]) => address)

/** The servers that OpenBSD's unwind asks: the only addresses in unwind.conf(5) are those of its forwarders. */
export const unwindConf = (text: string): ReadonlyArray<string> => tokensOf(withoutComments(text))

/** The servers that unwind knows from DHCP and router advertisements: `DHCP[vio0]: 192.0.2.53 192.0.2.54`. */
export const unwindAutoconf = (text: string): ReadonlyArray<string> =>
  tokensOf(text.split(/^autoconfiguration forwarders:$/m)[1] ?? "")

/** The servers that dnsmasq asks: `server=192.0.2.53#5353`, `server=/example.net/192.0.2.53@em0`. */
export const dnsmasqConf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^[ \t]*server[ \t]*=[ \t]*(?:\/\S*\/)?([^\s/#@]+)/gm)].map(([, address = ""]) => address)

/** The servers that named asks: `forwarders { 192.0.2.53; 192.0.2.54 port 5353; };`. */
export const namedConf = (text: string): ReadonlyArray<string> =>
  [...withoutComments(text).matchAll(/\bforwarders\b[^{};]*\{([^{}]*)\}/g)].flatMap(([, list = ""]) => tokensOf(list))

const tokensOf = (text: string): ReadonlyArray<string> => text.split(/[\s{};,"=]+/)

const withoutComments = (text: string): string => text.replace(/#.*|\/\/.*|\/\*.*?\*\//g, "")
