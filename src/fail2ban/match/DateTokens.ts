/**
 * The expressions behind fail2ban's `%` tokens of a date: the table `timeRE` of its strptime.py (1.0.2) in the locale C, with the
 * years that fail2ban-regex accepts.
 */
const tokens: { readonly [token: string]: string | undefined } = {
  d: "(?P<d>[1-2]\\d|[0 ]?[1-9]|3[0-1])",
  f: "(?P<f>[0-9]{1,6})",
  H: "(?P<H>[0-1]?\\d|2[0-3])",
  I: "(?P<I>1[0-2]|0[1-9]|[1-9])",
  G: "(?P<G>\\d\\d\\d\\d)",
  j: "(?P<j>36[0-6]|3[0-5]\\d|[1-2]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9])",
  m: "(?P<m>0?[1-9]|1[0-2])",
  M: "(?P<M>[0-5]?\\d)",
  S: "(?P<S>[0-5]?\\d|6[0-1])",
  U: "(?P<U>5[0-3]|[0-4]\\d|\\d)",
  w: "(?P<w>[0-6])",
  u: "(?P<u>[1-7])",
  V: "(?P<V>5[0-3]|0[1-9]|[1-4]\\d|\\d)",
  y: "(?P<y>\\d\\d)",
  Y: "(?P<Y>\\d{4})",
  z: "(?P<z>Z|UTC|GMT|[+-][01]\\d(?::?\\d{2})?)",
  A: "(?P<A>wednesday|thursday|saturday|tuesday|monday|friday|sunday)",
  a: "(?P<a>mon|tue|wed|thu|fri|sat|sun)",
  B: "(?P<B>september|february|november|december|january|october|august|march|april|june|july|may)",
  b: "(?P<b>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
  p: "(?P<p>am|pm)",
  Z: "(?P<Z>Z|[A-Z]{3,5})",
  "%": "%",
  W: "(?P<W>5[0-3]|[0-4]\\d|\\d)",
  k: " ?(?P<H>[0-2]?\\d)",
  l: " ?(?P<I>1?\\d)",
  ExZ: "(?P<Z>[A-Z](?:[A-Z]{2,4})?)",
  Exz: "(?P<z>(?:[A-Z](?:[A-Z]{2,4})?)?[+-][01]\\d(?::?\\d{2})?|[A-Z](?:[A-Z]{2,4})?)",
  Exd: "(?P<d>[1-2]\\d|0[1-9]|3[0-1])",
  Exm: "(?P<m>0[1-9]|1[0-2])",
  ExH: "(?P<H>[0-1]\\d|2[0-3])",
  Exk: " ?(?P<H>[0-1]?\\d|2[0-3])",
  Exl: " ?(?P<I>1[0-2]|\\d)",
  ExM: "(?P<M>[0-5]\\d)",
  ExS: "(?P<S>[0-5]\\d|6[0-1])",
  ExY: "(?P<Y>20[0-2]\\d)",
  Exy: "(?P<y>\\d{2})"
}

/** Replaces the tokens of a date pattern (`%Y-%m-%d`) by expressions of Python's `re`. */
export const resolveDateTokens = (pattern: string): string =>
  pattern.replace(/%(Ex[ZzdmHklMSYy]|[A-Za-z%])/g, (text, token: string) => tokens[token] ?? text)

/** Whether a date pattern has names of days or months, which makes it ignore case. */
export const hasDateNames = (pattern: string): boolean => /(?<!%)%[aAbBpc]/.test(pattern)
