import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { placedSettings } from "../../../src/config/Configuration.ts"
import { resolveConfiguration } from "../../../src/config/Sources.ts"
import type { Random } from "../captures/Random.ts"
import { mutate } from "./Mutation.ts"

/** Values that settings take, and that they should refuse by name. */
const values = [
  "true",
  "-1",
  "1e309",
  "nan",
  "0x7fffffffffffffff",
  "99999999999999999999999",
  '""',
  '"/nowhere/pf.log"',
  '"/dev/zero"',
  '"../pf.log"',
  '"pflog0"',
  '"\\u0000"',
  '"\\u001b[31m"',
  '"--"',
  '"30 days"',
  '"9999999999999999 days"',
  '"64 KiB"',
  '"text"',
  '"packet"',
  '"json"',
  '"filterlog"',
  '["192.0.2.1", "::/0", "x"]',
  "[]",
  "[[]]",
  "{ a = 1 }",
  "1979-05-27T07:32:00Z",
  "'''",
  '"'
] as const

const [firstPlace, ...otherPlaces] = placedSettings.map(({ section, key }) => ({ section, key }))

/** Makes the text of a configuration file: settings with values of all kinds, and now and then anything else. */
export const makeConfigurationText = (random: Random): string => {
  const line = (): string => {
    const { section, key } = random.pick([firstPlace ?? { section: "log", key: "file" }, ...otherPlaces])
    const name = random.oneIn(20) ? `${key}x` : key
    return random.oneIn(8) ? `[${section}]\n` : `${section}.${name} = ${random.pick(values)}\n`
  }
  const text = Array.from({ length: random.between(1, 5) }, line).join("")
  if (random.oneIn(3)) return mutate(text, text, random)
  return random.oneIn(50) ? "[a]\n".repeat(random.between(1, 2000)) + text : text
}

/** A person reads these lines on a terminal. */
const printable = /^[\n\x20-\x7e\u00a0-\uffff]*$/

const mostMillis = 1000

/** Says what is wrong with how a configuration is read, or nothing: it is accepted, or refused in words, and soon. */
export const faultOfConfiguration = async (content: string): Promise<string | undefined> => {
  const begun = performance.now()
  const exit = await Effect.runPromiseExit(
    resolveConfiguration({}, { path: "/fuzz.toml", content }).pipe(Effect.either)
  )
  const millis = performance.now() - begun
  if (millis > mostMillis) return `it took ${Math.round(millis)} ms`
  if (Exit.isFailure(exit)) return `it crashed: ${String(exit.cause)}`
  if (exit.value._tag === "Right") return undefined
  const { problems } = exit.value.left
  if (problems.length === 0 || problems.some((problem) => problem.trim() === "")) return "it is refused without a word"
  const unreadable = problems.find((problem) => !printable.test(problem))
  return unreadable === undefined ? undefined : `a message has control characters: ${JSON.stringify(unreadable)}`
}
