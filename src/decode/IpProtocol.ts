/**
 * Names of IP protocols by their number, in lower case: IANA's keywords, except for the few that /etc/protocols and common
 * use call otherwise (4 is `ipip` here and `IPv4` at IANA, 89 is `ospf`).
 */
const keywords: ReadonlyMap<number, string> = new Map([
  [0, "hopopt"],
  [1, "icmp"],
  [2, "igmp"],
  [3, "ggp"],
  [4, "ipip"],
  [5, "st"],
  [6, "tcp"],
  [7, "cbt"],
  [8, "egp"],
  [9, "igp"],
  [12, "pup"],
  [17, "udp"],
  [20, "hmp"],
  [22, "xns-idp"],
  [27, "rdp"],
  [29, "iso-tp4"],
  [33, "dccp"],
  [36, "xtp"],
  [37, "ddp"],
  [38, "idpr-cmtp"],
  [40, "il"],
  [41, "ipv6"],
  [43, "ipv6-route"],
  [44, "ipv6-frag"],
  [45, "idrp"],
  [46, "rsvp"],
  [47, "gre"],
  [50, "esp"],
  [51, "ah"],
  [54, "narp"],
  [55, "mobile"],
  [57, "skip"],
  [58, "ipv6-icmp"],
  [59, "ipv6-nonxt"],
  [60, "ipv6-opts"],
  [73, "rspf"],
  [77, "sun-nd"],
  [80, "iso-ip"],
  [81, "vmtp"],
  [88, "eigrp"],
  [89, "ospf"],
  [92, "mtp"],
  [94, "ipip"],
  [97, "etherip"],
  [98, "encap"],
  [103, "pim"],
  [108, "ipcomp"],
  [112, "vrrp"],
  [113, "pgm"],
  [115, "l2tp"],
  [124, "isis"],
  [132, "sctp"],
  [133, "fc"],
  [135, "mobility-header"],
  [136, "udplite"],
  [137, "mpls-in-ip"],
  [138, "manet"],
  [139, "hip"],
  [140, "shim6"],
  [141, "wesp"],
  [142, "rohc"],
  [143, "ethernet"],
  [240, "pfsync"]
])

const names: ReadonlySet<string> = new Set(keywords.values())

/** The keyword of an IP protocol number; none where the number has no name in common use. */
export const protocolKeyword = (number: number): string | undefined => keywords.get(number)

/** Whether a word is the keyword of an IP protocol. */
export const isProtocolKeyword = (word: string): boolean => names.has(word)
