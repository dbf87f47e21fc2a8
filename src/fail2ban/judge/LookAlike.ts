/** A notice of ours or of tcpdump's in our own log: what it quotes is no packet's line, and known to be none. */
const notice = /^\d{4}-\d\d-\d\dT[^ ]{1,40} (?:pfasciilogd|tcpdump)\[\d+\]: /

/** What pfSense's filterlog writes of a packet: `…,em0,match,block,in,4,…`. */
const filterlog = /,[a-z-]{1,20},[a-z-]{1,20},(?:in|out),[46],/

const directions = [" in on ", " out on ", " fwd on "]

/**
 * Whether a line that is no packet's looks like one all the same: its form, or what stands in front of it, is one that we
 * do not know. Indented lines belong to the line before them.
 */
export const looksLikePacket = (line: string): boolean => {
  if (/^[ \t]/.test(line) || notice.test(line)) return false
  return hasHead(line) || filterlog.test(line)
}

/** Whether a line has the parts of pf's head in their order: `rule 4/0(match): block in on `. */
const hasHead = (line: string): boolean => {
  const rule = line.indexOf("rule ")
  if (rule < 0 || /[A-Za-z0-9]/.test(line.charAt(rule - 1))) return false
  const open = line.indexOf("(", line.indexOf("/", rule) + 1)
  const close = line.indexOf(")", open)
  return open > rule && close > open && directions.some((direction) => line.indexOf(direction, close) > 0)
}
