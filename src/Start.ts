/**
 * What Node runs first: the head of the program's one file. The program itself lies behind it, as a comment, and is run from
 * there with the code that V8 has compiled for it before, where that is at hand (CompiledAhead.ts); without, Node would
 * compile it anew at each start, which takes half of the time until it is ready.
 *
 * There is no `import` statement and no `require` here or in what this file bundles: Node takes a file for an ES module or for
 * CommonJS by its name, and the program is installed without a suffix.
 */
import "./EarlySignals.ts"
import { compiledAhead, keepCompiled, programIn } from "./CompiledAhead.ts"

const start = async (): Promise<void> => {
  const [fs, { createRequire }, { Script }] = await Promise.all([
    import("node:fs"),
    import("node:module"),
    import("node:vm")
  ])
  const path = fs.realpathSync(process.argv[1] ?? "")
  const cachedData = compiledAhead(fs, path)
  const source = programIn(fs.readFileSync(path, "latin1"))
  const script = new Script(source, { filename: path, ...(cachedData === undefined ? {} : { cachedData }) })
  if (process.argv[2] === "--compile-ahead") {
    process.argv.splice(2, 1)
    process.on("exit", () => keepCompiled(fs, path, script.createCachedData()))
  }
  script.runInThisContext()(createRequire(path))
}

void start()
