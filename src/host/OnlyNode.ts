/**
 * Refuses what is not Node 20 or later, before anything else runs. Under Bun a pipe gives nothing: the log stays empty, and all looks well.
 */
const { bun, deno, node } = process.versions
const [name, version] = bun !== undefined ? ["Bun", bun] : deno !== undefined ? ["Deno", deno] : ["Node.js", node]

if (name !== "Node.js" || Number.parseInt(node, 10) < 20) {
  console.error(`pfasciilogd: Node.js 20 or later is needed, and this is ${name} ${version}.`)
  // sysexits(3): EX_UNAVAILABLE.
  process.exit(69)
}
