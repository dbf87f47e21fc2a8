import { scanningText } from "./NumberedScans.ts"

/** tcpdump's text of the packet with this number, which stands in it as the sequence number. */
export const numberedText = (number: number): string =>
  `rule ${number % 40}/0(match): block in on vtnet0: 198.51.100.7.4242 > 192.0.2.1.22: Flags [S], seq ${number}, win 1024, length 0`

/** Lines as tcpdump prints them, numbered by their sequence number. */
export const numberedLines = (from: number, count: number, textOf = numberedText): string => {
  let lines = ""
  for (let number = from; number < from + count; number++) {
    lines += `1700000000.${String(number % 1_000_000).padStart(6, "0")} ${textOf(number)}\n`
  }
  return lines
}

/** The number of an entry's text as it stands in the log; none unless the text is exactly what was sent. */
export const numberOf = (text: string): number | undefined => {
  const number = Number(/ seq (\d{1,9}), /.exec(text)?.[1] ?? Number.NaN)
  return numberedText(number) === text || scanningText(number) === text ? number : undefined
}

/** The sequence numbers of the entries in a log's text, in order. */
export const numbersIn = (text: string): Array<number> =>
  [...text.matchAll(/^\S+ (rule \d+\/0\(match\): block in on vtnet0: .* seq \d+, win 1024, length 0)$/gm)].flatMap(
    ([, entry]) => numberOf(entry ?? "") ?? []
  )
