/**
 * Bundles src/main.ts into dist/pfasciilogd.mjs: one executable file that needs nothing but Node and tcpdump on the host.
 */
import { chmod, readFile } from "node:fs/promises"
import * as esbuild from "esbuild"

const outfile = "dist/pfasciilogd.mjs"
const { version } = JSON.parse(await readFile("package.json", "utf8")) as { readonly version: string } // our own file

await esbuild.build({
  entryPoints: ["src/main.ts"],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  minify: true,
  legalComments: "none",
  define: {
    PFASCIILOGD_VERSION: JSON.stringify(version),
    // `test-pattern` judges the shipped filter also where the program is installed alone.
    PFASCIILOGD_FILTER: JSON.stringify(await readFile("fail2ban/filter.d/pfasciilogd.conf", "utf8")),
    PFASCIILOGD_JAIL: JSON.stringify(await readFile("fail2ban/jail.d/pfasciilogd.conf", "utf8"))
  },
  banner: {
    // Bundled CommonJS modules ask for `require`, which an ES module doesn't have.
    js: '#!/usr/bin/env node\nimport { createRequire as pfCreateRequire } from "node:module"; const require = pfCreateRequire(import.meta.url);'
  },
  logLevel: "warning"
})
await chmod(outfile, 0o755)
