const octets: ReadonlyArray<string> = Array.from({ length: 256 }, (_, octet) => String(octet))

/** The dotted text of the four bytes at `at`. */
export const ipv4Text = (view: DataView, at: number): string => {
  const address = view.getUint32(at)
  return `${octets[address >>> 24]}.${octets[(address >>> 16) & 255]}.${octets[(address >>> 8) & 255]}.${octets[address & 255]}`
}

/** Where the longest run of at least two zero groups begins and ends (the first of equals, RFC 5952 4.2); 8, 8 for none. */
const longestZeroRun = (groups: ReadonlyArray<number>): readonly [start: number, end: number] => {
  let bestStart = 8
  let bestEnd = 8
  for (let start = 0; start < 8; start++) {
    let end = start
    while (end < 8 && groups[end] === 0) end++
    if (end - start > Math.max(1, bestEnd - bestStart)) {
      bestStart = start
      bestEnd = end
    }
    start = end
  }
  return [bestStart, bestEnd]
}

/**
 * The text of the sixteen bytes at `at`, as RFC 5952 asks for it and tcpdump (`addrtostr6`) prints it: the last four bytes
 * are dotted in `::a.b.c.d` and `::ffff:a.b.c.d`.
 */
export const ipv6Text = (view: DataView, at: number): string => {
  const groups: Array<number> = []
  for (let index = 0; index < 8; index++) groups.push(view.getUint16(at + 2 * index))
  const [runStart, runEnd] = longestZeroRun(groups)
  const carriesIpv4 = runStart === 0 && (runEnd === 6 || (runEnd === 5 && groups[5] === 0xffff))
  let text = ""
  for (let index = 0; index < 8; index++) {
    if (index === runStart) {
      text += "::"
      index = runEnd
      if (index === 8) break
    } else if (index > 0) {
      text += ":"
    }
    if (index === 6 && carriesIpv4) return text + ipv4Text(view, at + 12)
    text += groups[index]?.toString(16)
  }
  return text
}
