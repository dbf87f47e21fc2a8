import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import type { Shell } from "./CommandLine.ts"
import { rootCommand } from "./Subcommands.ts"

const programName = "pfasciilogd"

/** Flags of the library that the program does not take, and so does not offer. */
const foreignFlags = ["--log-level", "--wizard"]

/** The completion script for a shell, as the library makes it of the command. */
export const completionsFor = (shell: Shell): Effect.Effect<string> =>
  Effect.map(generators[shell], (lines) => withoutForeignFlags(lines.join("\n"), shell))

const generators: Readonly<Record<Shell, Effect.Effect<Array<string>>>> = {
  bash: Command.getBashCompletions(rootCommand, programName),
  fish: Command.getFishCompletions(rootCommand, programName),
  zsh: Command.getZshCompletions(rootCommand, programName)
}

/** In bash's script they are words of a list and branches of a `case`; in the others they have lines of their own. */
const withoutForeignFlags = (script: string, shell: Shell): string => {
  const flags = foreignFlags.join("|")
  if (shell === "bash")
    return script
      .replace(new RegExp(` (?:${flags})(?=[ "])`, "g"), "")
      .replace(new RegExp(`^ *(?:${flags})\\)\\n[^]*?;;\\n`, "gm"), "")
  const names = foreignFlags.map((flag) => flag.slice(2)).join("|")
  return script
    .split("\n")
    .filter((line) => !new RegExp(`(?:--| -l )(?:${names})\\b`).test(line))
    .join("\n")
}
