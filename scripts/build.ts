/**
 * Bundles the program into dist/pfasciilogd.mjs, one executable file that needs nothing but Node and tcpdump on the host, and
 * writes beside it the licences of all that is in there.
 */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises"
import { basename, resolve } from "node:path"
import * as esbuild from "esbuild"
import { licenseFile, licenseWithNotices } from "./packaging/Notices.ts"
import { loaderOf, type Modules } from "./packaging/Parts.ts"

const outfile = "dist/pfasciilogd.mjs"
const { version } = JSON.parse(await readFile("package.json", "utf8")) as { readonly version: string } // our own file

/** What src/main.ts loads where more is asked for than the version. */
const program = "./cli/Program.ts"

/** The files whose code is in the bundle. */
const bundledFiles = new Set<string>()

const common = {
  bundle: true,
  platform: "node",
  target: "node20",
  charset: "ascii",
  minify: true,
  // dist/LICENSE has them.
  legalComments: "none",
  define: {
    PFASCIILOGD_VERSION: JSON.stringify(version),
    // `test-pattern` judges the shipped filter also where the program is installed alone.
    PFASCIILOGD_FILTER: JSON.stringify(await readFile("fail2ban/filter.d/pfasciilogd.conf", "utf8")),
    PFASCIILOGD_JAIL: JSON.stringify(await readFile("fail2ban/jail.d/pfasciilogd.conf", "utf8")),
    PFASCIILOGD_SCAN_FILTER: JSON.stringify(await readFile("fail2ban/filter.d/pfasciilogd-scan.conf", "utf8")),
    // Only what runs from the sources looks for files beside itself.
    "import.meta.url": "undefined"
  },
  logLevel: "warning"
} as const satisfies esbuild.BuildOptions

const build = async (options: esbuild.BuildOptions): Promise<Modules> => {
  const { outputFiles, metafile } = await esbuild.build({ ...common, ...options, write: false, metafile: true })
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) if (bytesInOutput > 0) bundledFiles.add(file)
  return { outputFiles, metafile }
}

/** One text that runs by itself. */
const whole = async (entryPoint: string, format: "cjs" | "iife", external: ReadonlyArray<string> = []) => {
  const { outputFiles } = await build({
    entryPoints: [entryPoint],
    format,
    external: [...external],
    // `import()` of what is external becomes a call of `require`, which is ours.
    supported: external.length === 0 ? {} : { "dynamic-import": false }
  })
  return outputFiles
    .map(({ text }) => text)
    .join("")
    .trimEnd()
}

const folder = resolve("dist/parts")
const parts = await build({ entryPoints: [`src/${program}`], format: "esm", splitting: true, outdir: folder })

// Node takes a file for an ES module or for CommonJS by its name, and the program is installed without a suffix. So the file
// is good as either: it has no `import` statement and needs no `require` of Node's own. The signals come first.
const file = `#!/usr/bin/env node
${await whole("src/host/EarlySignals.ts", "iife")}
void import("node:module").then(({createRequire})=>{const node=createRequire("/");
${loaderOf(parts, folder, "load", "node")}
const require=(name)=>load(name==="${program}"?"./${basename(program, ".ts")}.js":name);${await whole("src/main.ts", "cjs", [program])}
})
`
await mkdir("dist", { recursive: true })
await writeFile(outfile, file)
await chmod(outfile, 0o755)
await writeFile(licenseFile, licenseWithNotices(await readFile("LICENSE", "utf8"), [...bundledFiles]))
