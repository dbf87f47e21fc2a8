import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { filesBelow, finished, makePackage } from "../support/Packages.ts"
import { temporaryFolder } from "../support/PerTest.ts"

let made = ""
beforeAll(async () => {
  made = await makePackage("pkg")
})
afterAll(() => fs.rmSync(made, { recursive: true, force: true }))

const plist = (): ReadonlyArray<string> => fs.readFileSync(path.join(made, "plist"), "utf8").trimEnd().split("\n")

/** Plays pkg(8) with the plist: `pkg install` and `pkg delete` below a root. */
const pkg = async (root: string, step: "install" | "delete"): Promise<void> => {
  const prefix = path.join(root, "usr/local")
  const values = (keyword: string) =>
    plist()
      .filter((line) => line.startsWith(keyword))
      .map((line) => line.slice(line.indexOf(" ") + 1).replaceAll("%D", prefix))
  const files = values("@(")
  const commands = async (keyword: string) => {
    for (const command of values(keyword)) {
      expect(await finished("sh", ["-c", command])).toEqual({ status: 0, stdout: "", stderr: "" })
    }
  }
  if (step === "install") {
    for (const folder of values("@dir")) fs.mkdirSync(path.join(prefix, folder), { recursive: true })
    for (const file of files) {
      fs.mkdirSync(path.dirname(path.join(prefix, file)), { recursive: true })
      fs.copyFileSync(path.join(made, "root/usr/local", file), path.join(prefix, file))
    }
    return commands("@postexec")
  }
  await commands("@preunexec")
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

  it("has a manifest that pkg takes on every release and architecture, with the five lines that make a host safe", () => {
    const manifest = JSON.parse(fs.readFileSync(path.join(made, "+MANIFEST"), "utf8"))
    expect(manifest).toMatchObject({ name: "pfasciilogd", version: "1.0.0", prefix: "/usr/local", abi: "FreeBSD:*" })
    expect(manifest.comment.length).toBeLessThanOrEqual(70)
    expect(manifest.messages[0].message.match(/^\d\. /gm)).toHaveLength(5)
  })
})
