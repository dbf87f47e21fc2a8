/** Makes the package that is asked for: npm's tarball, a port of FreeBSD, or what `pkg create` takes. */
import { writeNpmTarball } from "./packaging/NpmTarball.ts"
import { writePkg } from "./packaging/Pkg.ts"
import { writePort } from "./packaging/Port.ts"

const makers = { npm: writeNpmTarball, port: writePort, pkg: writePkg }

const [kind = "", directory] = process.argv.slice(2)
if (!(kind in makers) || directory === undefined) {
  console.error("usage: scripts/package npm|port|pkg DIR")
  process.exit(64)
}
// What is packaged must not depend on who packages it.
process.umask(0o022)
// Looked at above.
for (const line of makers[kind as keyof typeof makers](directory)) console.log(line)
