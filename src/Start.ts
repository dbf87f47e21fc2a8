/**
 * What Node runs first: the head of the program's one file. The program itself lies behind it, as a comment, and is run from
 * there with the code that V8 has compiled for it before, where that is at hand (CompiledAhead.ts); without, Node would
 * compile it anew at each start, which takes a third of the time until it is ready.
 *
 * There is no `import` statement and no `require` here or in what this file bundles: Node takes a file for an ES module or for
 * CommonJS by its name, and the program is installed without a suffix.
 */
import "./EarlySignals.ts"
import { compiledAhead, keepCompiled, programIn } from "./CompiledAhead.ts"

const start = async (): Promise<void> => {
  const [fs, crypto, { createRequire }, { Script }] = await Promise.all([
    import("node:fs"),
    import("node:crypto"),
    import("node:module"),
    import("node:vm")
  ])
  const path = fs.realpathSync(process.argv[1] ?? "")
  const file = fs.readFileSync(path)
  const cachedData = compiledAhead(fs, crypto, path, file)
  const source = programIn(file.toString("latin1"))
  const script = new Script(source, { filename: path, ...(cachedData === undefined ? {} : { cachedData }) })
  if (process.argv[2] === "--compile-ahead") {
    process.argv.splice(2, 1)
    process.on("exit", (status) => {
      if (status === 0) keepCompiled(fs, crypto, path, file, script.createCachedData())
    })
  }
  script.runInThisContext()(createRequire(path))
}

void start()
