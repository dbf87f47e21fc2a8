/** Runs the checks and the tests; what this system lacks a program for is left out, and told. */
import { spawnSync } from "node:child_process"
import { delimiter } from "node:path"
import { canLint, needs } from "./testing/Needs.ts"
import { folderOfNode } from "./testing/OtherNode.ts"

/** Where the built program is run. */
const suiteOfTheProgram = ["test/cli", "test/integration"]

const say = (text: string): void => console.error(`scripts/test: ${text}`)

const runOrEnd = (
  command: string,
  words: ReadonlyArray<string>,
  environment: NodeJS.ProcessEnv = process.env
): void => {
  const { status } = spawnSync(command, words, { stdio: "inherit", env: environment })
  if (status !== 0) process.exit(status ?? 1)
}

const check = (): void => {
  const lint = canLint()
  if (!lint) say(`style is not checked: Biome has no program for ${process.platform}.`)
  runOrEnd("npm", ["run", lint ? "check" : "types"])
}

/** vitest's flags for leaving out what can't run here. */
const exclusions = (): ReadonlyArray<string> =>
  needs.flatMap((need) => {
    if (need.isThere()) return []
    say(`left out, since ${need.what} is not here: ${need.files.join(", ")}`)
    return need.files.flatMap((file) => ["--exclude", file])
  })

const vitest = (words: ReadonlyArray<string>, environment?: NodeJS.ProcessEnv): void =>
  runOrEnd(
    "node",
    ["node_modules/vitest/vitest.mjs", "run", "--config", "test/vitest.config.ts", "--root", ".", ...words],
    environment
  )

const underNode = (version: string, filters: ReadonlyArray<string>): void => {
  const found = folderOfNode(version)
  if ("refusal" in found) {
    say(found.refusal)
    process.exit(69)
  }
  const environment = { ...process.env, PATH: `${found.folder}${delimiter}${process.env["PATH"]}` }
  runOrEnd("node", ["--print", "'The built program under Node ' + process.versions.node"], environment)
  vitest([...(filters.length > 0 ? filters : suiteOfTheProgram), ...exclusions()], environment)
}

const [flag, version = "", ...filters] = process.argv.slice(2)
if (flag === "--node") underNode(version, filters)
else {
  check()
  vitest([...process.argv.slice(2), ...exclusions()])
}
