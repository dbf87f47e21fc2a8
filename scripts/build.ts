/**
 * Bundles the program into dist/pfasciilogd.mjs: one executable file that needs nothing but Node and tcpdump on the host.
 * Beside it comes what V8 compiles it to, which only makes it start sooner.
 */
import { spawnSync } from "node:child_process"
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import * as esbuild from "esbuild"
import { compiledFile, fileOf } from "../src/CompiledAhead.ts"

const outfile = "dist/pfasciilogd.mjs"
const { version } = JSON.parse(await readFile("package.json", "utf8")) as { readonly version: string } // our own file

const bundle = async (entryPoint: string, format: "cjs" | "esm"): Promise<string> => {
  const { outputFiles } = await esbuild.build({
    entryPoints: [entryPoint],
    write: false,
    bundle: true,
    platform: "node",
    target: "node20",
    format,
    charset: "ascii",
    minify: true,
    legalComments: "none",
    define: {
      PFASCIILOGD_VERSION: JSON.stringify(version),
      // `test-pattern` judges the shipped filter also where the program is installed alone.
      PFASCIILOGD_FILTER: JSON.stringify(await readFile("fail2ban/filter.d/pfasciilogd.conf", "utf8")),
      PFASCIILOGD_JAIL: JSON.stringify(await readFile("fail2ban/jail.d/pfasciilogd.conf", "utf8")),
      // Only what runs from the sources looks for files beside itself.
      "import.meta.url": "undefined"
    },
    logLevel: "warning"
  })
  return outputFiles.map(({ text }) => text).join("")
}

await mkdir("dist", { recursive: true })
await rm(compiledFile(outfile), { force: true })
await writeFile(
  outfile,
  fileOf(`#!/usr/bin/env node\n${await bundle("src/Start.ts", "esm")}`, await bundle("src/main.ts", "cjs"))
)
await chmod(outfile, 0o755)
const { error } = spawnSync("sh", ["scripts/compile-ahead", process.execPath, outfile], { stdio: "inherit" })
if (error !== undefined) console.error(`build: nothing was compiled ahead: ${error.message}`)
