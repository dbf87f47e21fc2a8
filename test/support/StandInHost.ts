import * as path from "node:path"
import { type Finished, finished } from "./Packages.ts"

/** Runs a command on a host of FreeBSD or OpenBSD that stand-ins make of this one, in namespaces of its own. */
export const onHost = (system: string, release: string, command: string): Promise<Finished> => {
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
  const root = process.getuid?.() === 0 ? [] : ["--map-root-user"]
  const world = path.resolve("test/fixtures/acceptance/world")
  const words = [...namespaces, ...root, world, system, release, process.execPath, "sh", "-c", command]
  return finished("unshare", words, {}, 280_000)
}
