import * as Command from "@effect/platform/Command"
import type * as Stream from "effect/Stream"
import type { Configuration } from "../config/Configuration.ts"
import { searchPath } from "../host/System.ts"

/** Where packets come from. */
export type Source =
  | { readonly _tag: "Interface"; readonly name: string }
  /** A saved capture; `-` is standard input. */
  | { readonly _tag: "File"; readonly path: string }
  /** A saved capture that is compressed, and its bytes as they were before. */
  | { readonly _tag: "Compressed"; readonly path: string; readonly bytes: Stream.Stream<Uint8Array> }

/** What tcpdump is told, beside where the packets come from. */
export type TcpdumpOptions = Pick<
  Configuration["capture"],
  "tcpdump" | "user" | "expression" | "decoder" | "snapshotLength"
>

/** Options of ours that some tcpdump does not take, and without which it still captures. */
export type OptionalOption = "-Z" | "-U" | "-B" | "--immediate-mode"

/**
 * The arguments of tcpdump: a time stamp in seconds, line by line, pf's header, numbers for names, absolute sequence numbers.
 *
 * @param isRoot whether tcpdump is started as root, which alone can become another user
 * @param refused the options that the tcpdump at hand does not take
 */
export const tcpdumpArguments = (
  options: TcpdumpOptions,
  source: Source,
  isRoot: boolean,
  refused: ReadonlySet<OptionalOption> = new Set()
): ReadonlyArray<string> => [
  ...(source._tag === "Interface" && isRoot && options.user !== "" && !refused.has("-Z") ? ["-Z", options.user] : []),
  ...(options.decoder === "packet"
    ? [...(refused.has("-U") ? [] : ["-U"]), "-w", "-"]
    : ["-tt", "-l", "-e", "-n", "-S"]),
  ...(source._tag === "Interface"
    ? ["-s", String(options.snapshotLength), "-i", source.name]
    : ["-r", source._tag === "Compressed" ? "-" : source.path]),
  // Behind "--" nothing is taken for an option, whatever the expression begins with.
  ...(options.expression === "" ? [] : ["--", options.expression])
]

/** The command that captures, with none of our environment but the PATH. */
export const tcpdumpCommand = (
  options: TcpdumpOptions,
  source: Source,
  refused: ReadonlySet<OptionalOption> = new Set()
): Command.Command => {
  const path = searchPath(process.env["PATH"])
  const args = tcpdumpArguments(options, source, process.getuid?.() === 0, refused)
  const command = Command.make(options.tcpdump, ...args).pipe(
    Command.env({ PATH: path, LC_ALL: "C" }, { extendEnv: false })
  )
  if (source._tag === "Compressed") return Command.stdin(command, source.bytes)
  return source._tag === "File" && source.path === "-" ? Command.stdin(command, "inherit") : command
}
