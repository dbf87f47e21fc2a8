import { isAbsolute, join } from "node:path"
import * as Effect from "effect/Effect"
import { placedSettings } from "../config/Configuration.ts"
import { ask } from "../host/Program.ts"
import { type Finding, failed } from "./Finding.ts"

/** How each system tells the flags of the service: FreeBSD's rc.conf, then OpenBSD's rc.conf.local. */
const tellers: ReadonlyArray<{ readonly program: string; readonly words: ReadonlyArray<string> }> = [
  { program: "sysrc", words: ["-n", "pfasciilogd_flags"] },
  { program: "rcctl", words: ["get", "pfasciilogd", "flags"] }
]

const pathFlags: ReadonlyArray<string> = [
  "config",
  ...placedSettings.flatMap(({ setting }) => (["path", "file"].includes(setting.placeholder) ? [setting.flag] : []))
]

/** Relative paths in the flags of the service: they mean one file in the caller's folder, and another one for the service. */
export const checkServiceFlags: Effect.Effect<ReadonlyArray<Finding>> = Effect.map(
  Effect.forEach(tellers, ({ program, words }) => ask(program, words)),
  (answers) =>
    answers.flatMap((answer) =>
      answer._tag === "Ended" && answer.status === 0
        ? relativePaths(answer.stdout).map(({ flag, path }) =>
            failed(
              "service flags",
              `pfasciilogd_flags has --${flag} ${path}: the service runs in /, and there that is ${join("/", path)}`,
              `Write the whole path into pfasciilogd_flags: --${flag} /…/${path}`
            )
          )
        : []
    )
)

/** The flags in a line of the shell whose value is a relative path; `-` is standard input. */
export const relativePaths = (line: string): ReadonlyArray<{ readonly flag: string; readonly path: string }> => {
  const words = (line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replace(/["']/g, ""))
  return words.flatMap((word, index) => {
    const [, flag = "", joined] = /^--([\w-]+)(?:=(.*))?$/s.exec(word) ?? []
    const path = joined ?? words[index + 1] ?? ""
    return pathFlags.includes(flag) && path !== "" && path !== "-" && !isAbsolute(path) ? [{ flag, path }] : []
  })
}
