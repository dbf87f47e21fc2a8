/** Addresses and names as fail2ban looks for them (`R_HOST` in its failregex.py, the same in 0.10 to 1.1). */
const ip4 = "(?:::f{4,6}:)?(?P<ip4>(?:\\d{1,3}\\.){3}\\d{1,3})"
const ip6 = "(?P<ip6>(?:[0-9a-fA-F]{1,4}::?|::){1,7}(?:[0-9a-fA-F]{1,4}|(?<=:):))"
const dns = "(?P<dns>[\\w\\-.^_]*\\w)"
const cidr = "(?P<cidr>\\d+)"
const address = `\\[?(?:${ip4}|${ip6})\\]?`
const subnet = `\\[?(?:${ip4}|${ip6})(?:/${cidr})?\\]?`

const fixedTags: { readonly [name: string]: string | undefined } = {
  IP4: ip4,
  "F-IP4/": ip4,
  IP6: ip6,
  "F-IP6/": ip6,
  ADDR: address,
  "F-ADDR/": address,
  CIDR: cidr,
  "F-CIDR/": cidr,
  SUBNET: subnet,
  "F-SUBNET/": subnet,
  DNS: dns,
  "F-DNS/": dns,
  "F-ID/": "(?P<fid>\\S+)",
  "F-PORT/": "(?P<fport>\\w+)"
}

const groupNames: { readonly [tag: string]: string | undefined } = { id: "fid", port: "fport" }

/**
 * Replaces fail2ban's tags (`<HOST>`, `<ADDR>`, `<F-USER>…</F-USER>`, …) by expressions of Python's `re`.
 *
 * @param useDns the jail's `usedns`: with `no`, `<HOST>` matches only addresses
 */
export const resolvePatternTags = (pattern: string, useDns = "warn"): string => {
  const open = new Set<string>()
  const resolved = pattern.replace(/<\/?[\w-]+\/?>/g, (tag) => {
    const name = tag.slice(1, -1)
    if (name === "HOST") return useDns === "no" ? address : `(?:${address}|${dns})`
    const fixed = fixedTags[name]
    if (fixed !== undefined) return fixed
    const custom = /^(\/?)F-([A-Z0-9_-]+)$/.exec(name)
    if (custom === null) return tag
    const [, closing, key = ""] = custom
    if (closing === "/") return open.has(key) ? ")" : tag
    open.add(key)
    const lower = key.toLowerCase()
    return `(?P<${groupNames[lower] ?? lower}>`
  })
  // fail2ban accepts flags inside a group of their own, where Python requires local flags: ((?i)x) becomes (?i:x).
  return resolved.replace(/(?<!\\)\((?:\?:)?(\(\?[a-z]+)\)/g, "$1:")
}
