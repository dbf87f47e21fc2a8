/** The flags that are in force at a place of an expression. */
export interface RegexFlags {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly verbose: boolean
  readonly ascii: boolean
}

/** The flags of an expression that sets none. */
export const noFlags: RegexFlags = {
  ignoreCase: false,
  multiline: false,
  dotAll: false,
  verbose: false,
  ascii: false
}

const switches: { readonly [letter: string]: "ignoreCase" | "multiline" | "dotAll" | "verbose" | undefined } = {
  i: "ignoreCase",
  m: "multiline",
  s: "dotAll",
  x: "verbose"
}

/**
 * Switches the flag of a letter, such as the `i` of `(?i)`, on or off; `a` and `u` choose between the classes of ASCII and
 * those of Unicode, so they are never off.
 *
 * @returns nothing for a letter that Python does not know
 */
export const withFlag = (flags: RegexFlags, letter: string, value: boolean): RegexFlags | undefined => {
  if (letter === "a" || letter === "u") return { ...flags, ascii: letter === "a" }
  const name = switches[letter]
  return name === undefined ? undefined : { ...flags, [name]: value }
}
