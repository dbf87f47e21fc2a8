import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { describe, expect, it } from "vitest"
import type { Configuration } from "../../src/config/Configuration.ts"
import { resolveConfiguration } from "../../src/config/Sources.ts"
import { type DecoderName, decoders } from "../../src/decode/Decoders.ts"
import { decoderNeededBy, type FormatName, formats } from "../../src/format/Formats.ts"
import { codecOf } from "../../src/run/Codec.ts"
import { captureOf, decode } from "../support/captures/CaptureInMemory.ts"
import { freebsdHeader } from "../support/captures/PflogHeader.ts"
import { hostile } from "../support/captures/scenarios/Hostile.ts"

const capture = captureOf(hostile(freebsdHeader, 300, 16)).bytes
const { entries } = decode(capture)

/** The capture as each kind of decoder reads it. */
const inputs = {
  records: capture,
  lines: Buffer.from(entries.map(({ time, text }) => `${(time / 1e6).toFixed(6)} ${text}\n`).join(""), "latin1")
} as const

const formatNames = Object.keys(formats) as ReadonlyArray<FormatName> // `Object.keys` forgets the names of its object
const decoderNames = Object.keys(decoders) as ReadonlyArray<DecoderName> // the same

const configured = (format: FormatName, decoder: DecoderName): Promise<Either.Either<Configuration, string>> =>
  Effect.runPromise(
    resolveConfiguration({ format, decoder }, undefined).pipe(
      Effect.mapError(({ message }) => message),
      Effect.either
    )
  )

const pairs = formatNames.flatMap((format) => decoderNames.map((decoder) => ({ format, decoder })))
const tally = { entry: () => {}, reached: () => {}, other: () => {} }

describe("codecOf", () => {
  it.each(pairs)(
    "writes every entry of the decoder $decoder as one line of $format, or the pair is refused",
    async (pair) => {
      const { format, decoder } = pair
      const configuration = await configured(format, decoder)
      const needed = decoderNeededBy(format)
      if (needed !== undefined && needed !== decoder) {
        expect(Either.getOrThrow(Either.flip(configuration))).toContain(
          `log.format "${format}" needs fields that the decoder ${decoder} does not have: set capture.decoder to "${needed}"`
        )
        return
      }
      const transcoder = codecOf(Either.getOrThrow(configuration)).transcoder(tally, 77)
      const { lines, problem } = transcoder.push(inputs[decoders[decoder].reads])
      expect(problem).toBeUndefined()
      const written = Buffer.from(lines).toString("latin1")
      expect(written).toMatch(/^(?:[ -~]+\n)+$/)
      expect(written.split("\n")).toHaveLength(entries.length + 1)
      const sources = written.split("\n").filter((line, index) => line.includes(entries[index]?.source?.address ?? ""))
      expect(sources).toHaveLength(entries.length + 1)
    }
  )

  it.each(formatNames)("writes a notice of the format %s as one line of printable ASCII", async (format) => {
    const { notice } = codecOf(Either.getOrThrow(await configured(format, decoderNeededBy(format) ?? "text")))
    const line = notice({ time: 0, level: "warning", process: "tcpdump", pid: 77, message: "caf\xe9 \x1b[31m\t\x7f" })
    expect(line).toMatch(/^[ -~]+\n$/)
    expect(line).toContain("77")
  })
})
