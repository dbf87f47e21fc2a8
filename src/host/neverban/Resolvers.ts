/** The name servers of resolv.conf(5); OpenBSD allows `[192.0.2.53]:5353`. */
export const resolvConf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^[ \t]*nameserver[ \t]+(?:\[([^\]\s]*)\]\S*|(\S+))/gm)].map(
    ([, inner, plain]) => inner ?? plain ?? ""
  )

/** Whom unbound asks: `forward-addr: 192.0.2.53@853#name` in unbound.conf(5), and `stub-addr`. */
export const unboundConf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^[ \t]*(?:forward|stub)-addr:[ \t]*"?([^\s"@#]+)/gm)].map(([, address = ""]) => address)

/** Whom OpenBSD's unwind asks: no other addresses stand in unwind.conf(5) than its forwarders'. */
export const unwindConf = (text: string): ReadonlyArray<string> => wordsOf(withoutComments(text))

/** Whom unwind has learnt from DHCP and router advertisements: `DHCP[vio0]: 192.0.2.53 192.0.2.54`. */
export const unwindAutoconf = (text: string): ReadonlyArray<string> =>
  wordsOf(text.split(/^autoconfiguration forwarders:$/m)[1] ?? "")

/** Whom dnsmasq asks: `server=192.0.2.53#5353`, `server=/example.net/192.0.2.53@em0`. */
export const dnsmasqConf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^[ \t]*server[ \t]*=[ \t]*(?:\/\S*\/)?([^\s/#@]+)/gm)].map(([, address = ""]) => address)

/** Whom named asks: `forwarders { 192.0.2.53; 192.0.2.54 port 5353; };`. */
export const namedConf = (text: string): ReadonlyArray<string> =>
  [...withoutComments(text).matchAll(/\bforwarders\b[^{};]*\{([^{}]*)\}/g)].flatMap(([, list = ""]) => wordsOf(list))

const wordsOf = (text: string): ReadonlyArray<string> => text.split(/[\s{};,"=]+/)

const withoutComments = (text: string): string => text.replace(/#.*|\/\/.*|\/\*.*?\*\//g, "")
