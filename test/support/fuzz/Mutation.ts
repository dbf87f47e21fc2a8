import type { Random } from "../captures/Random.ts"

/** Parts of lines that decide what a line is. */
const tokens = [
  "rule ",
  "rule 1/0(match): block in on em0: ",
  "rule 0/(match) block in on vio0: ",
  "/0(match)",
  "/(match) ",
  "unkn(",
  " [uid 0]",
  " [uid 0, pid 1]",
  " [ridentifier 1]",
  ": block in on ",
  " on ",
  ": ",
  " > ",
  "1.2.3.4",
  "1.2.3.4.5 > 6.7.8.9.80: ",
  "2001:db8::1",
  "fe80::1%em0.22",
  "::ffff:",
  "Flags [S]",
  ", length 0",
  "UDP, length ",
  "HBH ",
  "DSTOPT ",
  "frag (0|1448) ",
  "srcrt (",
  "ip-proto-",
  "[|tcp]",
  " [|ip]",
  "truncated-ip - 20 bytes missing! ",
  "truncated-ip6 - 20 bytes missing!",
  "[rewritten: ",
  "(encap)",
  "(class 0x03, hlim 64, next-header ",
  "(tos 0x0, ttl 64, ",
  "proto: TCP (6), length: 40) ",
  "[total length 60 > length 40] (invalid) ",
  "[uid 1001] ",
  "RT6 (len=2, type=0 [Deprecated], ",
  ":[|domain]",
  ":dhcp6 solicit",
  " [bad hdr length]",
  " (encap) [flowlabel 0x1]",
  "(rtalert: 0x0000) ",
  "multicast listener report v2",
  "1692000000.000137 ",
  " 00:00:00.000123 ",
  "2023-08-14T10:00:00.000137+02:00 ",
  "Feb 25 11:43:54 host pf: ",
  "<134>",
  "<local0.info> ",
  "pf[77]: ",
  "gate pf 77 - - ",
  "Jan  5 09:59:58.123456 ",
  "tcpdump[77]: ",
  "4294967295",
  "99999999999999999999",
  "\n",
  "\r",
  "\0",
  "\t",
  "\xff"
] as const

/** Changes a line at some places: bytes, parts of lines, pieces of another line, pieces of itself many times over. */
export const mutate = (line: string, other: string, random: Random): string => {
  let mutated = line
  for (let count = random.between(1, 4); count > 0; count--) mutated = mutateOnce(mutated, other, random)
  return mutated
}

const mutateOnce = (line: string, other: string, random: Random): string => {
  const at = random.below(line.length + 1)
  const end = Math.min(line.length, at + random.between(0, 24))
  const front = line.slice(0, at)
  switch (random.below(7)) {
    case 0:
      return front + String.fromCharCode(random.below(256)) + line.slice(at + 1)
    case 1:
      return front + random.pick(tokens) + line.slice(at)
    case 2:
      return front + random.pick(tokens) + line.slice(end)
    case 3:
      return front + line.slice(end)
    case 4:
      return front + other.slice(random.below(other.length + 1))
    case 5:
      return front + line.slice(at, end).repeat(random.between(2, 40)) + line.slice(end)
    default:
      return line.slice(at, end) + line
  }
}
