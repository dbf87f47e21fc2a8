import { isAbsolute, join } from "node:path"
import * as Effect from "effect/Effect"
import { placedSettings } from "../config/Configuration.ts"
import { ask } from "../host/Program.ts"
import { type Finding, failed } from "./Finding.ts"

/** The commands that print the flags of the service: FreeBSD's for rc.conf, then OpenBSD's for rc.conf.local. */
const flagCommands: ReadonlyArray<{ readonly program: string; readonly args: ReadonlyArray<string> }> = [
  { program: "sysrc", args: ["-n", "pfasciilogd_flags"] },
  { program: "rcctl", args: ["get", "pfasciilogd", "flags"] }
]

const pathFlags: ReadonlyArray<string> = [
  "config",
  ...placedSettings.flatMap(({ setting }) => (["path", "file"].includes(setting.placeholder) ? [setting.flag] : []))
]

/** Finds relative paths in the flags of the service: they mean one file in the caller's folder, and another one for the service. */
export const checkServiceFlags: Effect.Effect<ReadonlyArray<Finding>> = Effect.map(
  Effect.forEach(flagCommands, ({ program, args }) => ask(program, args)),
  (answers) =>
    answers.flatMap((answer) =>
      answer._tag === "Ended" && answer.status === 0
        ? relativePaths(answer.stdout).map(({ flag, path }) =>
            failed(
              "service flags",
              `pfasciilogd_flags has --${flag} ${path}: the service runs in /, where that means ${join("/", path)}`,
              `Write the full path in pfasciilogd_flags: --${flag} /…/${path}`
            )
          )
        : []
    )
)

/** The flags on a command line whose value is a relative path; `-` is standard input. */
export const relativePaths = (line: string): ReadonlyArray<{ readonly flag: string; readonly path: string }> => {
  const words = (line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replace(/["']/g, ""))
  return words.flatMap((word, index) => {
    const [, flag = "", joined] = /^--([\w-]+)(?:=(.*))?$/s.exec(word) ?? []
    const path = joined ?? words[index + 1] ?? ""
    return pathFlags.includes(flag) && path !== "" && path !== "-" && !isAbsolute(path) ? [{ flag, path }] : []
  })
}
