/**
 * Tries the program with input that nobody has seen: `npx tsx scripts/fuzz.ts --help`.
 *
 * With `--program` it runs the built program with command lines and configurations (test/support/fuzz/ProgramRuns.ts says what
 * is wrong with a run). Without, it tries the text decoder with lines, and looks for two things: a result that can't be right (test/support/fuzz/Oracle.ts says what that is), and a line that takes
 * long. The slowest line's time a byte must stay flat as the line grows.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { makeRandom, type Random } from "../test/support/captures/Random.ts"
import { faultOfConfiguration, makeConfigurationText } from "../test/support/fuzz/Configurations.ts"
import { mutate } from "../test/support/fuzz/Mutation.ts"
import { findFault, kindOf } from "../test/support/fuzz/Oracle.ts"
import { fuzzProgram } from "../test/support/fuzz/ProgramRuns.ts"
import { decodedBytes, leastNanosPerByte, nanosPerByte, pump } from "../test/support/fuzz/Slowness.ts"

const usage = `usage: fuzz [--seconds N] [--seed N] [--corpus FILE] [--save] [--program]

  --seconds N     how long (default: 60)
  --seed N        another seed, other lines (default: the time)
  --corpus FILE   lines to begin with, a JSON string each (default: test/fixtures/fuzz/lines.jsonl)
  --save          keep lines that gave something new, or something wrong, in the corpus
  --program       command lines and configurations for the built program, instead of lines for the decoder
`

/** The longest line that mutation makes; longer ones are tried on purpose, in the search for slowness. */
const longestMutated = 4096

/** A line that no longer fits into a chunk, from which on growth is measured. */
const longLine = 200_000

/** How much slower a byte of the slowest line may be than one of a usual line, and how much it may change as the line grows. */
const allowedSlowness = 3
const allowedGrowth = 2.5

const usualLine =
  "1692000000.000137 rule 17/0(match): block in on vtnet0: 121.224.77.46.41854 > 46.38.233.77.6379: Flags [S], seq 2026081234, win 65535, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0"

interface Slow {
  readonly line: string
  /** Nanoseconds a byte; of a line shorter than a usual one a byte of that, for some of a line's cost is each line's. */
  readonly nanos: number
}

const perUsualByte = (line: string, nanosPerByte: number): number =>
  (nanosPerByte * (line.length + 1)) / Math.max(line.length, usualLine.length)

const options = () => {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      corpus: { type: "string", default: "test/fixtures/fuzz/lines.jsonl" },
      save: { type: "boolean", default: false },
      program: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false }
    }
  })
  if (values.help) {
    process.stdout.write(usage)
    process.exit(0)
  }
  return { ...values, seconds: Number(values.seconds), seed: Number(values.seed) }
}

const readCorpus = (file: string): Array<string> =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => String(JSON.parse(line)))

const jsonLine = (line: string): string =>
  `${JSON.stringify(line).replace(/[\x7f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`

/** Tries lines for some seconds; tells the faults and puts lines of a new kind into the corpus. */
const searchFaults = (corpus: Array<string>, random: Random, seconds: number) => {
  const kinds = new Set(corpus.map(kindOf))
  const faults: Array<{ line: string; fault: string }> = []
  const end = Date.now() + seconds * 1000
  let tried = 0
  for (; Date.now() < end; tried++) {
    const line = mutate(pickLine(corpus, random), pickLine(corpus, random), random).slice(0, longestMutated)
    const fault = findFault(line)
    if (fault !== undefined) faults.push({ line, fault })
    const kind = kindOf(line)
    if (kinds.has(kind)) continue
    kinds.add(kind)
    corpus.push(line)
  }
  return { tried, kinds: kinds.size, faults }
}

const pickLine = (corpus: ReadonlyArray<string>, random: Random): string => corpus[random.below(corpus.length)] ?? ""

/** Looks for the line that takes longest a byte, from the slowest found so far on. */
const searchSlowest = (corpus: ReadonlyArray<string>, random: Random, seconds: number): Slow => {
  const end = Date.now() + seconds * 1000
  let slowest: ReadonlyArray<Slow> = [{ line: usualLine, nanos: leastNanosPerByte(usualLine, 9) }]
  while (Date.now() < end) {
    const parent = random.oneIn(3)
      ? pickLine(corpus, random)
      : (slowest[random.below(slowest.length)]?.line ?? usualLine)
    const mutated = mutate(parent, pickLine(corpus, random), random).replaceAll("\n", " ")
    const from = random.below(mutated.length + 1)
    const line = random.oneIn(2) ? mutated : pump(mutated, from, from + random.between(1, 12), random.between(64, 4096))
    const bar = slowest.at(-1)?.nanos ?? 0
    if (slowest.length >= 16 && perUsualByte(line, nanosPerByte(line, 16 * 1024)) < bar) continue
    const nanos = perUsualByte(line, leastNanosPerByte(line, 5, 64 * 1024))
    if (slowest.length >= 16 && nanos < bar) continue
    slowest = [...slowest, { line, nanos }].toSorted((a, b) => b.nanos - a.nanos).slice(0, 16)
  }
  const sure = slowest.map(({ line }) => ({ line, nanos: perUsualByte(line, leastNanosPerByte(line, 9)) }))
  return sure.reduce((worst, slow) => (slow.nanos > worst.nanos ? slow : worst))
}

/** How much more a byte of a long line costs where it is made eight times as long, at its worst place. */
const growthOf = (line: string): number => {
  let worst = 0
  for (let from = 0; from < line.length; from += Math.max(1, Math.floor(line.length / 8))) {
    for (const width of [1, 8]) {
      const growth = () =>
        leastNanosPerByte(pump(line, from, from + width, longLine * 8), 3) /
        leastNanosPerByte(pump(line, from, from + width, longLine), 3)
      const first = growth()
      worst = Math.max(worst, first > allowedGrowth ? Math.min(first, growth(), growth()) : first)
    }
  }
  return worst
}

const { seconds, seed, corpus: corpusFile, save, program } = options()
const random = makeRandom(seed)

/** Tries command lines and configurations for some seconds, and tells what went wrong. */
const tryProgram = async (): Promise<boolean> => {
  const end = Date.now() + seconds * 1000
  process.stdout.write(`fuzz: seed ${seed}, command lines and configurations, ${seconds} s\n`)
  const configurations: Array<string> = []
  let tried = 0
  for (; Date.now() < end - seconds * 900; tried++) {
    const text = makeConfigurationText(random)
    const fault = await faultOfConfiguration(text)
    if (fault !== undefined) configurations.push(`${fault}: ${JSON.stringify(text)}`)
  }
  const { runs, faults } = await fuzzProgram(random, () => Date.now() < end)
  const found = [...configurations, ...faults.map((run) => JSON.stringify(run))]
  process.stdout.write(`faults: ${found.length} in ${tried} configurations and ${runs} runs\n`)
  for (const line of found.slice(0, 20)) process.stdout.write(`  ${line}\n`)
  return found.length === 0
}

/** Tries lines for some seconds, and tells what went wrong. */
const tryDecoder = (): boolean => {
  const corpus = readCorpus(corpusFile)
  const before = corpus.length
  process.stdout.write(`fuzz: seed ${seed}, ${before} lines, ${seconds} s\n`)

  const { tried, kinds, faults } = searchFaults(corpus, random, seconds / 2)
  process.stdout.write(
    `faults: ${faults.length} in ${tried} lines of ${kinds} kinds, ${corpus.length - before} of them new\n`
  )
  for (const { line, fault } of faults.slice(0, 20)) process.stdout.write(`  ${fault}: ${jsonLine(line)}`)

  const slowest = searchSlowest(corpus, random, seconds / 3)
  const usual = leastNanosPerByte(usualLine, 15)
  const slowness = slowest.nanos / usual
  const growth = growthOf(slowest.line.slice(0, 400))
  process.stdout.write(
    `slowest: ${slowest.nanos.toFixed(2)} ns a byte, ${slowness.toFixed(2)} times a usual line's ${usual.toFixed(2)}; grown eightfold: ${growth.toFixed(2)} times that (${decodedBytes()} bytes decoded)\n  ${jsonLine(slowest.line.slice(0, 2000))}`
  )

  if (save) {
    const kept = [...corpus, ...faults.slice(0, 20).map(({ line }) => line), slowest.line.slice(0, 2000)]
    writeFileSync(corpusFile, Array.from(new Set(kept), jsonLine).join(""))
  }
  const isSlow = slowness > allowedSlowness || growth > allowedGrowth
  return faults.length === 0 && !isSlow
}

process.exitCode = (program ? await tryProgram() : tryDecoder()) ? 0 : 1
