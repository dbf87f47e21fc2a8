import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bareTools, filesBelow, finished, makePackage, npmProgram } from "../support/Packages.ts"
import { temporaryFolder } from "../support/PerTest.ts"

const tarball = (folder: string) => path.join(folder, "pfasciilogd-1.0.0.tgz")
const digest = (file: string) => createHash("sha256").update(fs.readFileSync(file)).digest("hex")

const listed = async (system: string): Promise<ReadonlyArray<ReadonlyArray<string>>> => {
  const { stdout } = await finished("scripts/install", ["--list"], { env: { ...process.env, SYSTEM: system } })
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"))
}

let npm = ""
let port = ""
beforeAll(async () => {
  npm = await makePackage("npm")
  port = await makePackage("port")
})
afterAll(() => {
  for (const folder of [npm, port]) fs.rmSync(folder, { recursive: true, force: true })
})

describe("npm's tarball", () => {
  it("holds the program and what scripts/install installs, in at most 15 files", async () => {
    const { stdout } = await finished("tar", ["-tzf", tarball(npm)])
    const packed = stdout
      .trimEnd()
      .split("\n")
      .map((name) => name.replace("package/", ""))
      .sort()
    const rows = [...(await listed("FreeBSD")), ...(await listed("OpenBSD"))]
    const sources = rows
      .filter(([kind]) => kind !== "completions")
      .map(([, , source = ""]) => source.replace("dist/LICENSE", "LICENSE"))
    expect(packed).toEqual([...new Set([...sources, "package.json", "scripts/install"])].sort())
    expect(packed.length).toBeLessThanOrEqual(15)
  })

  it("reproduces the licences of all packages whose code is in the program", async () => {
    const { stdout } = await finished("tar", ["-xOzf", tarball(npm), "package/LICENSE"])
    expect(stdout.startsWith(fs.readFileSync("LICENSE", "utf8").trim())).toBe(true)
    const named = [...stdout.matchAll(/^Package: (\S+) \S+ \(.+\)$/gm)].map(([, name = ""]) => name)
    // The client's choice, and one of each licence.
    expect(named).toEqual(expect.arrayContaining(["effect", "@effect/cli", "d3-scale", "prom-client", "ipaddr.js"]))
    expect(named.filter((name) => ["vitest", "esbuild", "typescript", "playwright-core"].includes(name))).toEqual([])
    const flat = (text: string) => text.replace(/\s+/g, " ").trim()
    for (const name of named) {
      const own = flat(fs.readFileSync(path.join("node_modules", name, "LICENSE"), "utf8"))
      expect(flat(stdout), name).toContain(own)
    }
    // What stands in single files only.
    for (const holder of ["EPFL and Lightbend", "Thom Chiovoloni", "Vladimir Agafonkin"])
      expect(stdout).toContain(holder)
  })

  it("has nothing that npm would have to install or run", async () => {
    const { stdout } = await finished("tar", ["-xOzf", tarball(npm), "package/package.json"])
    const manifest: Record<string, unknown> = JSON.parse(stdout)
    for (const key of ["dependencies", "devDependencies", "scripts", "private"])
      expect(manifest).not.toHaveProperty(key)
    for (const key of [
      "name",
      "version",
      "description",
      "license",
      "homepage",
      "repository",
      "engines",
      "man",
      "bin"
    ]) {
      expect(manifest).toHaveProperty(key)
    }
  })

  it("is byte for byte the same again, under another umask and from files of another time and mode", async () => {
    const copy = temporaryFolder()
    for (const name of [
      "src",
      "scripts",
      "rc.d",
      "fail2ban",
      "package.json",
      "package-lock.json",
      "README.md",
      "LICENSE"
    ]) {
      fs.cpSync(name, path.join(copy, name), { recursive: true })
    }
    fs.copyFileSync("tsconfig.json", path.join(copy, "tsconfig.json"))
    fs.symlinkSync(path.resolve("node_modules"), path.join(copy, "node_modules"))
    fs.chmodSync(path.join(copy, "README.md"), 0o600)
    fs.writeFileSync(path.join(copy, "rc.d/pfasciilogd.orig"), "left by an editor\n")
    const again = temporaryFolder()
    // Not by scripts/package, which would set up the packages of npm, and these are ours.
    const command = `umask 077; cd '${copy}' && tsx scripts/build.ts && tsx scripts/package.ts npm '${again}'`
    const env = { ...process.env, PATH: `${path.resolve("node_modules/.bin")}:${process.env["PATH"]}` }
    expect(await finished("sh", ["-c", command], { env })).toMatchObject({ status: 0, stderr: "" })
    expect(digest(tarball(again))).toBe(digest(tarball(npm)))
  })

  it("installs into an empty prefix with Node and tcpdump alone, works, and is uninstalled to nothing", async () => {
    const folder = temporaryFolder()
    const [prefix, tools] = [path.join(folder, "prefix"), bareTools(folder)]
    const env = { PATH: tools, HOME: folder, npm_config_cache: path.join(folder, "cache"), TZ: "UTC" }
    const node = path.join(tools, "node")
    const npmRun = (...words: ReadonlyArray<string>) =>
      finished(node, [npmProgram(), ...words, "--global", "--offline", "--prefix", prefix], { env })

    expect(await npmRun("install", tarball(npm))).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("added 1")
    })
    const program = path.join(prefix, "bin/pfasciilogd")
    expect(await finished(program, ["--version"], { env })).toMatchObject({ status: 0, stderr: "" })

    const log = path.join(folder, "pf.log")
    const files = ["--log-file", log, "--pid-file", path.join(folder, "pf.pid")]
    const read = await finished(program, ["run", "--read", "test/support/captures/sample.pcap", ...files], { env })
    expect({ status: read.status, entries: /rule \d+\//.test(fs.readFileSync(log, "latin1")) }).toEqual({
      status: 0,
      entries: true
    })
    const validated = await finished(program, ["validate", "--json", ...files], { env })
    expect([0, 1]).toContain(validated.status)
    expect(JSON.parse(validated.stdout)).toBeTruthy()
    const page = path.join(prefix, "share/man/man8/pfasciilogd.8")
    expect((await finished("man", ["-l", page], { env: { ...process.env, MANPAGER: "cat" } })).stdout).toContain(
      "pfasciilogd"
    )

    expect(await npmRun("uninstall", "pfasciilogd")).toMatchObject({ status: 0 })
    expect(filesBelow(prefix)).toEqual([])
  })
})

// make(1) of FreeBSD is what Debian calls bmake.
const make = process.platform === "freebsd" ? "make" : "bmake"

describe("the port of FreeBSD", () => {
  const expand = (line: string): ReadonlyArray<string> => {
    const words = line
      .replaceAll("%%EXAMPLESDIR%%", "share/examples/pfasciilogd")
      .replaceAll("%%DOCSDIR%%", "share/doc/pfasciilogd")
      .split(" ")
    if (words[0] === "@dir") return []
    return [words[0] === "@sample" ? (words[1] ?? "") : (words[0] ?? "")]
  }

  it("stages exactly what its plist says, from the very tarball of npm, under any prefix", async () => {
    for (const prefix of ["/usr/local", "/opt/pf"]) {
      const folder = temporaryFolder()
      const staged = path.join(folder, "stage")
      const variables = [`WRKDIR=${folder}/work`, `STAGEDIR=${staged}`, `DISTDIR=${npm}`, `PREFIX=${prefix}`]
      const words = ["-m", path.resolve("test/fixtures/freebsd/mk"), "-C", port, ...variables, "stage"]
      const dry = await finished(make, ["-n", ...words])
      expect(dry).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining("--package") })
      expect(fs.existsSync(staged)).toBe(false)
      expect(await finished(make, words)).toMatchObject({ status: 0, stderr: "" })
      const plist = fs.readFileSync(path.join(port, "pkg-plist"), "utf8").trimEnd().split("\n").flatMap(expand)
      // Line and file of the service script come from USE_RC_SUBR.
      const expected = [...plist, "etc/rc.d/pfasciilogd"].map((file) => `${prefix}/${file}`).sort()
      expect(filesBelow(staged)).toEqual(expected)
      const license = fs.readFileSync(path.join(staged, prefix, "share/doc/pfasciilogd/LICENSE"), "utf8")
      expect(license).toBe(fs.readFileSync("dist/LICENSE", "utf8"))
      const script = fs.readFileSync(path.join(staged, prefix, "etc/rc.d/pfasciilogd"), "utf8")
      expect(script).toContain(`pfasciilogd_script=${prefix}/bin/pfasciilogd`)
      expect(script).not.toMatch(/%%[A-Z]+%%/)
      const samples = plist.filter((file) => file.endsWith(".sample"))
      expect(samples).toContain("etc/pfasciilogd.toml.sample")
    }
  })

  it("names no absolute path but the service's own, and the checksum of that tarball", async () => {
    const text = (name: string) => fs.readFileSync(path.join(port, name), "utf8")
    for (const name of ["Makefile", "pkg-plist", "pkg-message", "pkg-descr"])
      expect(text(name)).not.toMatch(/\/usr\/|\/home|\/tmp/)
    expect(text("Makefile")).toMatch(/^LICENSE=\tMIT APACHE20 ISCL\nLICENSE_COMB=\tmulti$/m)
    expect(text("files/pfasciilogd.in")).not.toContain("/usr/local")
    expect(text("distinfo")).toContain(`SHA256 (pfasciilogd-1.0.0.tgz) = ${digest(tarball(npm))}\n`)
    expect(
      text("pkg-descr")
        .split("\n")
        .every((line) => line.length <= 80)
    ).toBe(true)
    expect(text("pkg-message").match(/^\d\. /gm)).toHaveLength(5)
  })
})
