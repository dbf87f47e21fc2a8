import type { CaptureTarget } from "./CaptureFile.ts"
import type { LoggedPacket, PcapFormat } from "./PcapWriter.ts"
import { freebsdHeader, type HeaderLayout, headerLayouts } from "./PflogHeader.ts"
import { flood } from "./scenarios/Flood.ts"
import { hostile } from "./scenarios/Hostile.ts"
import { matrix } from "./scenarios/Matrix.ts"
import { sample } from "./scenarios/Sample.ts"
import { scan } from "./scenarios/Scan.ts"
import { wrongFamily } from "./scenarios/WrongFamily.ts"

const scenarios = ["sample", "flood", "scan", "hostile", "wrong-family", "matrix"] as const

/** Which capture to make, and where to. */
export interface CaptureRequest {
  readonly scenario: (typeof scenarios)[number]
  readonly packets: number
  readonly sources: number
  readonly seed: number
  /** None stands for each scenario's own choice: FreeBSD's current one, and all of them in `matrix`. */
  readonly header: HeaderLayout | undefined
  readonly format: PcapFormat
  readonly target: CaptureTarget
}

/** The flags don't say which capture to make; the message says what is accepted. */
export class CaptureRequestError extends Error {}

/** The flags of `make-capture`, as node's `parseArgs` gives them. */
export interface CaptureFlags {
  readonly out?: string | undefined
  readonly truth?: string | undefined
  readonly packets?: string | undefined
  readonly sources?: string | undefined
  readonly seed?: string | undefined
  readonly header?: string | undefined
  readonly "byte-order"?: string | undefined
  readonly precision?: string | undefined
}

/**
 * Reads a request from command line arguments.
 *
 * @throws CaptureRequestError
 */
export const requestFromFlags = (positionals: ReadonlyArray<string>, flags: CaptureFlags): CaptureRequest => {
  if (positionals.length !== 1) throw new CaptureRequestError(`give one scenario: ${scenarios.join(", ")}`)
  return {
    scenario: oneOf("scenario", positionals[0], scenarios, "sample"),
    packets: wholeNumber("--packets", flags.packets, 1000),
    sources: wholeNumber("--sources", flags.sources, 100),
    seed: wholeNumber("--seed", flags.seed, 1),
    header: headerNamed(flags.header),
    format: {
      byteOrder: oneOf("--byte-order", flags["byte-order"], ["little", "big"], "little"),
      precision: oneOf("--precision", flags.precision, ["micro", "nano"], "micro")
    },
    target: { capture: flags.out ?? "-", truth: flags.truth }
  }
}

/** The packets that a request asks for, made one by one as they are taken. */
export const capturePackets = (request: CaptureRequest): Iterable<LoggedPacket> => {
  const header = request.header ?? freebsdHeader
  switch (request.scenario) {
    case "sample":
      return sample(header)
    case "flood":
      return flood(header, request.packets, request.sources)
    case "scan":
      return scan(header, request.packets, request.sources, request.seed)
    case "hostile":
      return hostile(header, request.packets, request.seed)
    case "wrong-family":
      return wrongFamily(header, request.packets, request.seed)
    case "matrix":
      return matrix(request.header === undefined ? [...headerLayouts.values()] : [request.header])
  }
}

const headerNamed = (name: string | undefined): HeaderLayout | undefined => {
  if (name === undefined) return undefined
  const header = headerLayouts.get(name)
  if (header === undefined) {
    throw new CaptureRequestError(`--header ${name}: expected one of ${[...headerLayouts.keys()].join(", ")}`)
  }
  return header
}

const wholeNumber = (flag: string, text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new CaptureRequestError(`${flag} ${text}: expected a whole number from 1 on`)
  return Number(text)
}

const oneOf = <Choice extends string>(
  flag: string,
  text: string | undefined,
  choices: ReadonlyArray<Choice>,
  fallback: Choice
): Choice => {
  if (text === undefined) return fallback
  const choice = choices.find((candidate) => candidate === text)
  if (choice === undefined) throw new CaptureRequestError(`${flag} ${text}: expected one of ${choices.join(", ")}`)
  return choice
}
