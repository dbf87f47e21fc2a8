/** A number with a comma at each thousand. */
export const number = (value: number): string => value.toLocaleString("en-US")

/** A number and its noun. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`

const units: ReadonlyArray<readonly [seconds: number, unit: string]> = [
  [86_400, "d"],
  [3600, "h"],
  [60, "m"],
  [1, "s"]
]

/** A length of time in its two largest units: `10m`, `1h30m`, `0s`. */
export const duration = (seconds: number): string => {
  let rest = Math.round(seconds)
  const parts: Array<string> = []
  for (const [length, unit] of units) {
    const count = Math.floor(rest / length)
    rest -= count * length
    if (count > 0) parts.push(`${count}${unit}`)
  }
  return parts.length === 0 ? "0s" : parts.slice(0, 2).join("")
}

const two = (value: number): string => String(value).padStart(2, "0")

/** Local time to the minute: `2026-11-22 05:00`. */
export const stamp = (second: number): string => {
  const date = new Date(second * 1000)
  return `${day(second)} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** The local day: `2026-11-22`. */
export const day = (second: number): string => {
  const date = new Date(second * 1000)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** The names of the days, as `Date` counts them. */
export const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const
