/** Another Node than the one at hand, from the packages of npm that the package `node` consists of. */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { resolve } from "node:path"

const systems = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]

/** The folder with `node` of a version such as 22 or 22.11.0, which is fetched once; a sentence where there is none. */
export const folderOfNode = (version: string): { readonly folder: string } | { readonly refusal: string } => {
  const system = `${process.platform}-${process.arch}`
  if (!systems.includes(system)) {
    return {
      refusal: `npm has no Node for ${system}: install one with this system's packages, put it first on PATH, and leave out --node.`
    }
  }
  if (!/^\d+(\.\d+){0,2}$/.test(version))
    return { refusal: `--node is '${version}': a version such as 22 is accepted.` }
  const place = resolve(".cache", `node-${version}`)
  const folder = `${place}/node_modules/node-${system}/bin`
  if (!existsSync(`${folder}/node`)) {
    const words = ["install", "--silent", "--no-save", "--prefix", place, `node-${system}@${version}`]
    if (spawnSync("npm", words, { stdio: "inherit" }).status !== 0) return { refusal: `npm has no Node ${version}.` }
  }
  return { folder }
}
