/** A value as Python's repr writes it. */
export type PythonValue = string | number | boolean | null | ReadonlyArray<PythonValue>

// Strings in either kind of quotes, numbers, names, and the brackets and commas of lists and tuples.
const token = /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(-?\d+(?:\.\d+)?)|(True|False|None)|([[\](),]))/y

/** Reads a list, a tuple or a plain value, such as a line of `fail2ban-client -d`; nothing for any other text. */
export const parsePython = (text: string): PythonValue | undefined => {
  token.lastIndex = 0
  const stack: Array<Array<PythonValue>> = [[]]
  while (text.slice(token.lastIndex).trim() !== "") {
    const match = token.exec(text)
    if (match === null) return undefined
    const [, quoted, digits, name, bracket] = match
    if (bracket === ",") continue
    if (bracket === "[" || bracket === "(") {
      stack.push([])
      continue
    }
    const value = bracket !== undefined ? stack.pop() : plainValue(quoted, digits, name)
    const around = stack.at(-1)
    if (value === undefined || around === undefined) return undefined
    around.push(value)
  }
  return stack.length === 1 && stack[0]?.length === 1 ? stack[0][0] : undefined
}

const plainValue = (quoted: string | undefined, digits: string | undefined, name: string | undefined): PythonValue => {
  if (quoted !== undefined) return unescaped(quoted.slice(1, -1))
  if (digits !== undefined) return Number(digits)
  return name === "None" ? null : name === "True"
}

const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" }

const unescaped = (text: string): string =>
  text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gs, (_all, x, u, wide, other) => {
    const hex: string | undefined = x ?? u ?? wide
    return hex === undefined ? (controls[other] ?? other) : String.fromCodePoint(Number.parseInt(hex, 16))
  })
