import * as Command from "@effect/platform/Command"
import type * as Stream from "effect/Stream"
import type { Configuration } from "../config/Configuration.ts"
import { searchPath } from "../host/System.ts"

/** Where packets come from. */
export type Source =
  | { readonly _tag: "Interface"; readonly name: string }
  /** A saved capture that tcpdump reads itself. */
  | { readonly _tag: "File"; readonly path: string }
  /** A saved capture whose bytes come through us, since they are decompressed on the way, or come on standard input. */
  | { readonly _tag: "Bytes"; readonly path: string; readonly bytes: Stream.Stream<Uint8Array> }

/** What tcpdump is told, beside where the packets come from. */
export type TcpdumpOptions = Pick<
  Configuration["capture"],
  "tcpdump" | "user" | "expression" | "snapshotLength" | "kernelBuffer"
>

/** Options of ours that some tcpdump does not take, and without which it still captures. */
export type OptionalOption = "-Z" | "-U" | "-B" | "--immediate-mode"

/**
 * The arguments with which tcpdump captures: it hands on the packets themselves, each at once where they come from an interface.
 *
 * Without `--immediate-mode` a lone packet waits for libpcap's timeout, up to a second.
 *
 * @param isRoot whether tcpdump is started as root, which alone can become another user
 * @param refused the options that the tcpdump at hand does not take
 */
export const tcpdumpArguments = (
  options: TcpdumpOptions,
  source: Source,
  isRoot: boolean,
  refused: ReadonlySet<OptionalOption> = new Set()
): ReadonlyArray<string> => {
  const ifTaken = (option: OptionalOption, ...value: ReadonlyArray<string>) =>
    refused.has(option) ? [] : [option, ...value]
  return [
    ...(source._tag === "Interface"
      ? [
          ...(isRoot && options.user !== "" ? ifTaken("-Z", options.user) : []),
          ...ifTaken("-U"),
          ...ifTaken("--immediate-mode"),
          ...ifTaken("-B", String(Math.ceil(options.kernelBuffer / 1024))),
          ...["-s", String(options.snapshotLength), "-i", source.name]
        ]
      : // What comes through a pipe may come now and then: it must not wait in tcpdump's own buffer.
        source._tag === "Bytes"
        ? [...ifTaken("-U"), "-r", "-"]
        : ["-r", source.path]),
    ...["-w", "-"],
    // Behind "--" nothing is taken for an option, whatever the expression begins with.
    ...(options.expression === "" ? [] : ["--", options.expression])
  ]
}

/** The command that captures, with none of our environment but the PATH. */
export const tcpdumpCommand = (
  options: TcpdumpOptions,
  source: Source,
  refused: ReadonlySet<OptionalOption> = new Set()
): Command.Command => {
  const args = tcpdumpArguments(options, source, process.getuid?.() === 0, refused)
  const command = Command.make(options.tcpdump, ...args).pipe(Command.env(environment(), { extendEnv: false }))
  return source._tag === "Bytes" ? Command.stdin(command, source.bytes) : command
}

/**
 * The command that prints records which it is given on standard input: a time stamp in seconds, pf's header, numbers for names,
 * absolute sequence numbers. It needs no rights, and gives them up where it has some.
 *
 * @param lineByLine whether it writes each line at once, instead of many together
 */
export const printerCommand = (
  { tcpdump, user }: TcpdumpOptions,
  lineByLine: boolean,
  refused: ReadonlySet<OptionalOption>
): Command.Command =>
  Command.make(
    tcpdump,
    ...(process.getuid?.() === 0 && user !== "" && !refused.has("-Z") ? ["-Z", user] : []),
    ...["-tt", ...(lineByLine ? ["-l"] : []), "-e", "-n", "-S", "-r", "-"]
  ).pipe(Command.env(environment(), { extendEnv: false }))

const environment = () => ({ PATH: searchPath(process.env["PATH"]), LC_ALL: "C" })
