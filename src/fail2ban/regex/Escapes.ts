/** The flags that are in force at a place of an expression. */
export interface RegexFlags {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly verbose: boolean
  readonly ascii: boolean
}

/** Escapes of one letter that stand for one character. */
export const simpleEscapes: { readonly [letter: string]: number | undefined } = {
  a: 0x07,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b
}

/** Escapes that take a number of hexadecimal digits. */
export const hexEscapeLengths: { readonly [letter: string]: number | undefined } = { x: 2, u: 4, U: 8 }
