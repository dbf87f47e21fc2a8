import { execFileSync } from "node:child_process"
import * as Either from "effect/Either"
import { describe, expect, it } from "vitest"
import { toJavaScript } from "../../../src/fail2ban/regex/JavaScriptRegex.ts"
import { parsePythonRegex } from "../../../src/fail2ban/regex/PythonRegex.ts"

/** Patterns of random parts and what Python itself finds with them: start, text and groups, nothing, or an error. */
const python = `
import json, random, re, warnings
warnings.simplefilter("ignore")
random.seed(20261122)
atoms = ["a", "b", ".", r"\\d", r"\\w", r"\\s", r"\\S", r"\\W", r"\\D", "[ab]", "[^a]", "[a-c1]", r"[^\\d]", r"[\\w-]", "[]x]", "[^]x]",
  "x", "1", " ", r"\\.", r"\\n", "$", "^", r"\\b", r"\\B", r"\\A", r"\\Z", "(a)", "(?:ab|b)", "(?P<n>a|b)", "(?=a)", "(?!a)", "(?<=a)",
  "(?<!b)", "(?i:A)", "(?-i:a)", r"\\x41", r"\\101", r"\\0", r"[\\b]", "{", "}", "{,2}", "é", r"\\u00e9", "(a|b)*", "(?s:.)", "(?m:^)",
  "(?m:$)", r"(?a:\\w)", r"\\t", "(?#c)", r"\\1", "(?P=n)", "[a-]", "[A-Z]", "(?i:[a-f])", r"\\q", r"[\\d-a]", "K"]
quantifiers = ["", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{,1}", "{2,}", "{0,1}?"]
texts = ["a", "ab", "ba\\n", "aab b1", "a1 b2\\n", "\\n", "x.a-b", "ABAB\\n", "é aé\\n", "a b\\x1cc", "aaaa", "b]x", "{a}", "\\u0661 a",
  "a\\r\\nb", "K k", "\\x85a", "a\\u2028b"]
cases = []
for _ in range(20000):
    pattern = "".join(random.choice(atoms) + random.choice(quantifiers) for _ in range(random.randint(1, 5)))
    if random.random() < .1: pattern = "(?i)" + pattern
    if random.random() < .05: pattern = "(?x)" + pattern
    if random.random() < .1: pattern += "|" + random.choice(atoms)
    text = random.choice(texts)
    try:
        found = re.compile(pattern).search(text)
        expected = None if found is None else [found.start(), found.group(0), *found.groups()]
    except re.error:
        expected = ["error"]
    cases.append([pattern, text, expected])
print(json.dumps(cases))
`

const found = (pattern: string, text: string): unknown => {
  const expression = Either.flatMap(parsePythonRegex(pattern), toJavaScript)
  if (Either.isLeft(expression)) return [expression.left.reason === "invalid" ? "error" : "unsupported"]
  const match = expression.right.search(text)
  return match === undefined ? null : [match.index, match[0], ...match.slice(1).map((group) => group ?? null)]
}

describe("Python's regular expressions in JavaScript", () => {
  it("find what Python finds, and are errors where they are errors to Python", () => {
    const cases: ReadonlyArray<[string, string, unknown]> = JSON.parse(
      execFileSync("python3", ["-c", python], { maxBuffer: 1 << 26, encoding: "utf8" })
    )
    const differences = cases.filter(([pattern, text, expected]) => {
      const ours = JSON.stringify(found(pattern, text))
      return ours !== JSON.stringify(expected) && ours !== '["unsupported"]'
    })
    expect(differences).toEqual([])
    expect(
      cases.filter(([pattern, text]) => JSON.stringify(found(pattern, text)) === '["unsupported"]').length
    ).toBeLessThan(1200)
  })

  it.each([
    ["a*+", 'possessive quantifier "*+"', 1],
    ["a(?>b)", 'atomic group "(?>...)"', 1],
    ["(a)(?(1)b|c)", 'conditional "(?(...)yes|no)"', 3],
    ["x\\N{DIGIT ONE}", 'named character "\\N{...}"', 1],
    ["(?:(a)|b)\\1", "back-reference to group 1, which may not take part", 0],
    ["(?:(?P<fid>a)|b)*", 'group "fid" that a repetition may skip', 0]
  ])("refuses what JavaScript can't do, naming the construct and its place: %s", (pattern, construct, place) => {
    const read = Either.flatMap(parsePythonRegex(pattern), toJavaScript)
    expect(Either.getOrThrow(Either.flip(read))).toMatchObject({ reason: "unsupported", construct, place })
  })
})
