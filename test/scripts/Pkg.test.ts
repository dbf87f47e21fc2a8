import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { existsOnPath, filesBelow, finished, makePackage } from "../support/Packages.ts"
import { temporaryFolder } from "../support/PerTest.ts"

let made = ""
beforeAll(async () => {
  made = await makePackage("pkg")
})
afterAll(() => fs.rmSync(made, { recursive: true, force: true }))

const plist = (): ReadonlyArray<string> => fs.readFileSync(path.join(made, "plist"), "utf8").trimEnd().split("\n")

const manifest = (): Record<string, unknown> => JSON.parse(fs.readFileSync(path.join(made, "+MANIFEST"), "utf8"))

/** What follows a keyword in the plist. */
const values = (keyword: string) =>
  plist()
    .filter((line) => line.startsWith(keyword))
    .map((line) => line.slice(line.indexOf(" ") + 1))

/** Runs a script of the manifest as pkg does: by /bin/sh, with the root and the prefix in its environment. */
const runScript = async (root: string, name: "post-install" | "pre-deinstall"): Promise<void> => {
  const scripts = manifest()["scripts"] as Readonly<Record<string, string>> // pkg wants strings, and a test below holds it
  const env = { PATH: process.env["PATH"], PKG_ROOTDIR: root, PKG_PREFIX: "/usr/local" }
  const outcome = await finished("/bin/sh", ["-c", `set -- pfasciilogd-1.0.0\n${scripts[name]}`], { env })
  expect(outcome).toEqual({ status: 0, stdout: "", stderr: "" })
}

/** Plays pkg(8) below a root: `pkg install` and `pkg delete`. */
const pkg = async (root: string, step: "install" | "delete"): Promise<void> => {
  const prefix = path.join(root, "usr/local")
  const files = values("@(")
  if (step === "install") {
    for (const folder of values("@dir")) fs.mkdirSync(path.join(prefix, folder), { recursive: true })
    for (const file of files) {
      fs.mkdirSync(path.dirname(path.join(prefix, file)), { recursive: true })
      fs.copyFileSync(path.join(made, "root/usr/local", file), path.join(prefix, file))
    }
    return runScript(root, "post-install")
  }
  await runScript(root, "pre-deinstall")
  for (const file of files) fs.rmSync(path.join(prefix, file))
}

const contents = (root: string) =>
  Object.fromEntries(filesBelow(root).map((file) => [file, fs.readFileSync(path.join(root, file), "utf8")]))

describe("the package of FreeBSD", () => {
  it("has a plist of exactly the files and folders below its root, with their modes", () => {
    const root = path.join(made, "root")
    const lines = plist().filter((line) => line.startsWith("@("))
    expect(lines.map((line) => `/usr/local/${line.split(" ")[1]}`).sort()).toEqual(filesBelow(root))
    for (const line of lines) {
      const [, mode = "", file = ""] = /^@\(root,wheel,0(\d+)\) (.+)$/.exec(line) ?? []
      expect((fs.statSync(path.join(root, "usr/local", file)).mode & 0o777).toString(8)).toBe(mode)
    }
    for (const line of plist().filter((each) => each.startsWith("@dir "))) {
      expect(fs.statSync(path.join(root, "usr/local", line.slice(5))).isDirectory()).toBe(true)
    }
  })

  it("installs file by file what scripts/install installs", async () => {
    const [byPackage, byScript] = [temporaryFolder(), temporaryFolder()]
    await pkg(byPackage, "install")
    const env = { PATH: process.env["PATH"], DESTDIR: byScript, SYSTEM: "FreeBSD" }
    expect(await finished("scripts/install", [], { env })).toMatchObject({ status: 0, stderr: "" })
    expect(contents(byPackage)).toEqual(contents(byScript))
  })

  it("leaves nothing but edited files when it is deleted", async () => {
    const root = temporaryFolder()
    await pkg(root, "install")
    await pkg(root, "delete")
    expect(filesBelow(root)).toEqual([])
    await pkg(root, "install")
    const jail = path.join(root, "usr/local/etc/fail2ban/jail.d/pfasciilogd.conf")
    fs.appendFileSync(jail, "# edited\n")
    await pkg(root, "delete")
    expect(filesBelow(root)).toEqual(["/usr/local/etc/fail2ban/jail.d/pfasciilogd.conf"])
    await pkg(root, "install")
    expect(fs.readFileSync(jail, "utf8")).toContain("# edited")
  })

  it("has a plist of keywords that pkg knows by itself", () => {
    for (const line of plist()) expect(line).toMatch(/^@(\([a-z]+,[a-z]+,\d{4}\)|dir) [^ ]+$/)
    expect(new Set(plist()).size).toBe(plist().length)
  })

  it("has a manifest of fields that pkg knows, each of the type that it takes", () => {
    for (const [key, value] of Object.entries(manifest())) {
      const type = Array.isArray(value) ? "array" : typeof value
      expect([key, type]).toEqual([key, fieldsOfManifest[key]])
    }
    expect(Object.keys(manifest())).toEqual(expect.arrayContaining([...neededFields]))
    for (const [name, script] of Object.entries(manifest()["scripts"] as object)) {
      expect(["post-install", "pre-deinstall"]).toContain(name)
      expect(script).toBeTypeOf("string")
    }
  })

  it("has a manifest for every release and architecture, with the five lines that make a host safe", () => {
    expect(manifest()).toMatchObject({ name: "pfasciilogd", version: "1.0.0", prefix: "/usr/local", abi: "FreeBSD:*" })
    expect(String(manifest()["comment"]).length).toBeLessThanOrEqual(70)
    const messages = manifest()["messages"] as ReadonlyArray<{ readonly type: string; readonly message: string }>
    expect(messages.map(({ type }) => type)).toEqual(["install", "upgrade", "remove"])
    expect(messages[0]?.message.match(/^\d\. /gm)).toHaveLength(5)
    expect(messages[2]?.message).toContain("zzz-pfasciilogd-never.local")
  })

  it("names the licences of all that is in the program", () => {
    expect(manifest()).toMatchObject({ licenselogic: "and", licenses: ["MIT", "APACHE20", "ISCL"] })
  })

  // On Linux, pkg can be built from its sources.
  it.runIf(existsOnPath("pkg"))("is made by pkg itself, of the files of the plist", async () => {
    const { status, stdout } = await finished("pkg", [
      "info",
      "-q",
      "-l",
      "-F",
      path.join(made, "pfasciilogd-1.0.0.pkg")
    ])
    expect({ status, files: stdout.trim().split(/\s+/).sort() }).toEqual({
      status: 0,
      files: filesBelow(path.join(made, "root"))
    })
  })
})

/** The fields of a manifest that are used here, and the types that pkg 1.17 to 2.8 take for them (libpkg/pkg_manifest.c). */
const fieldsOfManifest: Readonly<Record<string, string>> = {
  abi: "string",
  categories: "array",
  comment: "string",
  desc: "string",
  licenselogic: "string",
  licenses: "array",
  maintainer: "string",
  messages: "array",
  name: "string",
  origin: "string",
  prefix: "string",
  scripts: "object",
  version: "string",
  www: "string"
}

/** Without these pkg refuses a package. */
const neededFields = ["abi", "comment", "desc", "maintainer", "name", "origin", "prefix", "version", "www"]
