/**
 * The program in parts, each the text of a function, of which a run compiles only those that it needs. V8 reads a text fast, and a
 * function slowly, even one that is never called: as one large function the program took 60 ms more CPU at each start.
 *
 * esbuild splits a program into ES modules only, which must be files of their own. So their `import` and `export` become calls and
 * a `return` here. No part imports, directly or not, one that imports it, so that all a part exports has its final value when it
 * returns.
 */
import { resolve } from "node:path"
import { compileFunction } from "node:vm"
import type { Metafile, OutputFile } from "esbuild"

/** What esbuild makes of a program. */
export interface Modules {
  readonly outputFiles: ReadonlyArray<OutputFile>
  readonly metafile: Metafile
}

/** What gives a part the exports of another part, or of a module of Node's. CommonJS modules ask for it by this name themselves. */
const requireName = "require"
/** The same for `import()`: a promise of them. */
const loadName = "__load"

/** `import a,{b as c}from"./part.js";`, as esbuild writes it. */
const importStatement =
  /(?<=^|[;}\n])import(?:\s*(?<whole>[\w$]+)\s*,?)?(?:\*as (?<all>[\w$]+)\s*)?(?:\{(?<some>[^}]*)\})?\s*(?:from)?(?<from>"[^"]+");/g

/** `export{a as b};`, or `export default a();` of a CommonJS module, which esbuild writes at the end. */
const exportStatement = /\bexport(?:\{(?<some>[^}]*)\}| default (?<one>.*?));?$/

/** `a as b,c` as the properties of an object: `a:b,c`. */
const properties = (list: string, turned: boolean): string =>
  list
    .split(",")
    .map((item) => {
      const [from = "", to] = item.split(" as ")
      return to === undefined ? from : turned ? `${to}:${from}` : `${from}:${to}`
    })
    .join(",")

/**
 * The body of a function of `requireName` and `loadName` that returns what an ES module exports. It is strict, as modules are.
 *
 * Throws where it has not as many imports as it should: a text in it reads like one, and would be changed.
 */
const functionOf = (module: string, imports: number): string => {
  let found = 0
  const body = module
    .trimEnd()
    .replace(importStatement, (_, whole, all, some, from) => {
      found += 1
      const names = [whole, all, some === undefined ? undefined : `{${properties(some, false)}}`]
      const loaded = names.filter((name) => name !== undefined).map((name) => `const ${name}=${requireName}(${from});`)
      return loaded.length === 0 ? `${requireName}(${from});` : loaded.join("")
    })
    .replace(/\bimport\(("[^"]+")\)/g, (_, from) => {
      found += 1
      return `${loadName}(${from})`
    })
    .replace(exportStatement, (_, some: string | undefined, one: string | undefined) =>
      some === undefined ? `const all=${one};return{...all,default:all}` : `return{${properties(some, true)}}`
    )
  if (found !== imports) throw new Error(`a part of the program has ${imports} imports, of which ${found} were found`)
  return `"use strict";${body}`
}

/**
 * The parts, by the names under which they ask for each other. Throws where one of them is still no function's body.
 *
 * esbuild names a part after a hash of where everything lies, so that the same sources elsewhere would make another program:
 * numbers take its place.
 */
const partsOf = ({ outputFiles, metafile }: Modules, folder: string): Readonly<Record<string, string>> => {
  const imports = new Map(
    Object.entries(metafile.outputs).map(([path, output]) => [
      resolve(path),
      output.imports.filter(({ kind }) => kind === "import-statement" || kind === "dynamic-import").length
    ])
  )
  const named = outputFiles.map(({ path, text }, index) => {
    const name = `.${path.slice(folder.length)}`
    return { name, newName: name.replace(/-[A-Z0-9]{8}\.js$/, `-${index}.js`), text, imports: imports.get(path) ?? 0 }
  })
  const rename = (text: string): string =>
    named.reduce(
      (renamed, { name, newName }) => renamed.replaceAll(JSON.stringify(name), JSON.stringify(newName)),
      text
    )
  return Object.fromEntries(
    named.map(({ newName, text, imports }): readonly [string, string] => {
      const body = rename(functionOf(text, imports))
      compileFunction(body, [requireName, loadName])
      if (/\bimport\(/.test(body)) throw new Error(`a part of the program still has an import(): ${newName}`)
      return [newName, body]
    })
  )
}

/**
 * JavaScript text that declares the function `name`, which gives the exports of a part, or of a module of Node's.
 *
 * @param folder esbuild's `outdir`, as an absolute path
 * @param nodeRequire the name of Node's own `require`
 */
export const loaderOf = (
  modules: Modules,
  folder: string,
  name: string,
  nodeRequire: string
): string => `const parts=${JSON.stringify(partsOf(modules, folder))},exported={},
later=async(name)=>${name}(name),
${name}=(name)=>name in parts?exported[name]??=${nodeRequire}("node:vm").compileFunction(parts[name],["${requireName}","${loadName}"],{filename:"pfasciilogd/"+name})(${name},later):${nodeRequire}(name);`
