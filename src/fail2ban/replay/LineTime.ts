const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

const iso = /(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d+)?\s?(Z|[+-]\d\d:?\d\d)?/
const apache = /(\d\d)\/(\w{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})/
const syslog = /(?:^|[^\w])(\w{3}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)/
const epoch = /^\D{0,2}(\d{10})(?:\.\d+)?\b/

/** How many characters are searched: dates stand at the start of a line, and further right a payload may hold anything. */
const searched = 80

/**
 * The time of a line that another program wrote, in whole seconds since 1970: ISO 8601, Apache's, syslog's or an epoch, near
 * the start of the line. A time without an offset is local; a date without a year is the last such day before `now`.
 */
export const lineTime = (line: string, now: Date): number | undefined => {
  const head = line.slice(0, searched)
  const isoDate = iso.exec(head)
  if (isoDate !== null) {
    const [, year, month, day, hour, minute, second, offset] = isoDate
    return secondsOf(`${year}-${month}-${day}T${hour}:${minute}:${second}${withColon(offset)}`)
  }
  const apacheDate = apache.exec(head)
  if (apacheDate !== null) {
    const [, day, name = "", year, hour, minute, second, offset] = apacheDate
    return secondsOf(`${year}-${monthOf(name)}-${day}T${hour}:${minute}:${second}${withColon(offset)}`)
  }
  const seconds = epoch.exec(head)?.[1]
  if (seconds !== undefined) return Number(seconds)
  const syslogDate = syslog.exec(head)
  return syslogDate === null ? undefined : lastBefore(syslogDate, now)
}

const lastBefore = ([, name = "", day = "", hour, minute, second]: RegExpExecArray, now: Date): number | undefined => {
  const inYear = (year: number) =>
    secondsOf(`${year}-${monthOf(name)}-${day.padStart(2, "0")}T${hour}:${minute}:${second}`)
  const thisYear = inYear(now.getFullYear())
  // A clock may be a day ahead; a later date is one of last year.
  const isAhead = thisYear !== undefined && thisYear > now.getTime() / 1000 + 86_400
  return isAhead ? inYear(now.getFullYear() - 1) : thisYear
}

const monthOf = (name: string): string => String(months.indexOf(name.toLowerCase()) + 1).padStart(2, "0")

const withColon = (offset: string | undefined): string =>
  offset === undefined || offset.length !== 5 ? (offset ?? "") : `${offset.slice(0, 3)}:${offset.slice(3)}`

const secondsOf = (text: string): number | undefined => {
  const millis = Date.parse(text)
  return Number.isNaN(millis) ? undefined : Math.floor(millis / 1000)
}
