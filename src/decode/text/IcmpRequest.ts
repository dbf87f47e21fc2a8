/**
 * Messages of ICMP and ICMPv6 that ask for an answer, in the words of tcpdump.org's tcpdump (old ones write the length in
 * front), of OpenBSD's and of our packet decoder: `ICMP echo request`, `icmp: echo request`, `icmp 64: echo request`,
 * `ICMP6, echo request`. Types 42 and 160 are the extended echo of RFC 8335. The shipped filter has the same words.
 */
const request =
  /^ ?(?:ICMP6?,?|icmp6?(?: \d{1,5})?:) (?:(?:extended )?echo request|time stamp (?:query|request)|information request|address mask request|who-are-you request|FQDN request|node information query|type-#(?:42|160)(?!\d)|unknown icmp6 type \(160\))/

/** Whether the words behind `A > B: ` are those of a request. */
export const isIcmpRequest = (text: string): boolean => request.test(text)
