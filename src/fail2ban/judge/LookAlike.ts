/** A notice of ours or of tcpdump's in our own log: it may quote a packet, but is known to show none. */
const notice = /^\d{4}-\d\d-\d\dT[^ ]{1,40} (?:pfasciilogd|tcpdump)\[\d+\]: /

/** The line that pfSense's filterlog writes for a packet: `…,em0,match,block,in,4,…`. */
const filterlog = /,[a-z-]{1,20},[a-z-]{1,20},(?:in|out),[46],/

const directions = [" in on ", " out on ", " fwd on "]

/**
 * Whether a line that is not recognised looks like a packet's: its form, or the text before it, is unknown. Indented lines
 * belong to the line before them.
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
