import { execFile } from "node:child_process"
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { firstName, listName } from "../../src/fail2ban/ignoreip/DropIn.ts"

const program = `#!/usr/bin/env node
const defaultConfigFile = "/usr/local/etc/pfasciilogd.toml"
const [flag, shell] = process.argv.slice(2)
if (flag === "--completions") console.log("completions for " + shell)
if (flag === "--default") console.log(defaultConfigFile + " " + shell)
`

let source = ""
let destination = ""
beforeEach(async () => {
  source = await mkdtemp(join(tmpdir(), "pfasciilogd-source-"))
  destination = await mkdtemp(join(tmpdir(), "pfasciilogd-install-"))
  for (const part of ["rc.d", "scripts", "LICENSE"]) await cp(part, join(source, part), { recursive: true })
  for (const part of ["filter.d", "jail.d"]) {
    await mkdir(join(source, "fail2ban", part), { recursive: true })
    await writeFile(join(source, "fail2ban", part, "pfasciilogd.conf"), `[${part}]\nlogpath = /var/log/pf.log\n`)
  }
  await cp("fail2ban/action.d", join(source, "fail2ban/action.d"), { recursive: true })
  await mkdir(join(source, "dist"))
  await writeFile(join(source, "dist/pfasciilogd.mjs"), program)
  await writeFile(join(source, "README.md"), "# pfasciilogd\n")
})
afterEach(async () => {
  for (const folder of [source, destination]) await rm(folder, { recursive: true, force: true })
})

interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

const install = (environment: Record<string, string> = {}, ...words: ReadonlyArray<string>): Promise<Outcome> =>
  new Promise((done) => {
    const env = { PATH: process.env["PATH"] ?? "", DESTDIR: destination, SYSTEM: "FreeBSD", ...environment }
    execFile(join(source, "scripts/install"), words, { env }, (error, stdout, stderr) =>
      done({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    )
  })

const run = (command: string, words: ReadonlyArray<string>): Promise<Outcome> =>
  new Promise((done) => {
    execFile(command, words, (error, stdout, stderr) =>
      done({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    )
  })

const filesBelow = async (folder: string): Promise<ReadonlyArray<string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
    .sort()
}

const modeOf = async (path: string): Promise<number> => (await stat(join(destination, path))).mode & 0o777

const installed = (path: string): Promise<string> => readFile(join(destination, path), "utf8")

describe("scripts/install", () => {
  it("puts everything where hier(7) of FreeBSD wants it", async () => {
    expect((await install()).stderr).toBe("")
    expect(await filesBelow(destination)).toEqual([
      "/usr/local/bin/pfasciilogd",
      "/usr/local/etc/fail2ban/action.d/pfasciilogd-states.conf",
      "/usr/local/etc/fail2ban/action.d/pfasciilogd-states.conf.sample",
      "/usr/local/etc/fail2ban/filter.d/pfasciilogd.conf",
      "/usr/local/etc/fail2ban/filter.d/pfasciilogd.conf.sample",
      "/usr/local/etc/fail2ban/jail.d/pfasciilogd.conf",
      "/usr/local/etc/fail2ban/jail.d/pfasciilogd.conf.sample",
      "/usr/local/etc/newsyslog.conf.d/pfasciilogd.conf",
      "/usr/local/etc/pfasciilogd.toml",
      "/usr/local/etc/pfasciilogd.toml.sample",
      "/usr/local/etc/rc.d/pfasciilogd",
      "/usr/local/share/bash-completion/completions/pfasciilogd",
      "/usr/local/share/doc/pfasciilogd/LICENSE",
      "/usr/local/share/doc/pfasciilogd/README.md",
      "/usr/local/share/examples/pfasciilogd/newsyslog.conf.d/pfasciilogd.conf",
      "/usr/local/share/fish/vendor_completions.d/pfasciilogd.fish",
      "/usr/local/share/man/man8/pfasciilogd.8",
      "/usr/local/share/zsh/site-functions/_pfasciilogd"
    ])
    expect(await modeOf("/usr/local/bin/pfasciilogd")).toBe(0o755)
    expect(await modeOf("/usr/local/etc/rc.d/pfasciilogd")).toBe(0o755)
    expect(await modeOf("/usr/local/etc/newsyslog.conf.d/pfasciilogd.conf")).toBe(0o644)
    expect(await modeOf("/usr/local/etc")).toBe(0o755)
    expect(await installed("/usr/local/bin/pfasciilogd")).toBe(
      program.replace("/usr/bin/env node", "/usr/local/bin/node")
    )
    expect(await installed("/usr/local/share/zsh/site-functions/_pfasciilogd")).toBe("completions for zsh\n")
    expect(await installed("/usr/local/etc/rc.d/pfasciilogd")).toBe(await readFile("rc.d/pfasciilogd", "utf8"))
  })

  it("says nothing and changes nothing the second time", async () => {
    await install()
    const before = await Promise.all((await filesBelow(destination)).map((file) => stat(join(destination, file))))
    expect(await install()).toEqual({ status: 0, stdout: "", stderr: "" })
    const after = await Promise.all((await filesBelow(destination)).map((file) => stat(join(destination, file))))
    expect(after.map((file) => [file.ino, file.mtimeMs])).toEqual(before.map((file) => [file.ino, file.mtimeMs]))
  })

  it("keeps a configuration that was edited, and brings one that wasn't up to date", async () => {
    await install()
    const jail = "/usr/local/etc/fail2ban/jail.d/pfasciilogd.conf"
    const filter = "/usr/local/etc/fail2ban/filter.d/pfasciilogd.conf"
    await writeFile(join(destination, jail), "edited\n")
    await writeFile(join(destination, "/usr/local/etc/pfasciilogd.toml"), "[log]\n")
    for (const part of ["jail.d", "filter.d"]) {
      await writeFile(join(source, "fail2ban", part, "pfasciilogd.conf"), "the next version\n")
    }
    const outcome = await install()
    expect(outcome.stdout).toContain(`kept      ${destination}${jail}, which was edited`)
    expect(await installed(jail)).toBe("edited\n")
    expect(await installed(`${jail}.sample`)).toBe("the next version\n")
    expect(await installed(filter)).toBe("the next version\n")
    expect(await installed("/usr/local/etc/pfasciilogd.toml")).toBe("[log]\n")
    await install({}, "--uninstall")
    expect(await filesBelow(destination)).toEqual([jail, "/usr/local/etc/pfasciilogd.toml"])
  })

  it("leaves one file for newsyslog, which reads every file of the folder on FreeBSD 12, and takes an older sample away", async () => {
    const folder = "/usr/local/etc/newsyslog.conf.d"
    await install()
    const line = await installed(`${folder}/pfasciilogd.conf`)
    await rm(join(destination, "/usr/local/share/examples"), { recursive: true })
    await writeFile(join(destination, folder, "pfasciilogd.conf.sample"), line)
    await writeFile(join(source, "rc.d/newsyslog.conf.d/pfasciilogd.conf"), "the next version\n")
    await install()
    expect(await filesBelow(join(destination, folder))).toEqual(["/pfasciilogd.conf"])
    expect(await installed(`${folder}/pfasciilogd.conf`)).toBe("the next version\n")
    await writeFile(join(destination, folder, "pfasciilogd.conf"), "edited\n")
    expect((await install()).stdout).toContain("share/examples/pfasciilogd/newsyslog.conf.d/pfasciilogd.conf")
    expect(await installed(`${folder}/pfasciilogd.conf`)).toBe("edited\n")
  })

  it("uninstalls to nothing, also when that is asked twice", async () => {
    await install()
    await install()
    expect((await install({}, "--uninstall")).status).toBe(0)
    expect(await readdir(destination)).toEqual([])
    expect(await install({}, "--uninstall")).toEqual({ status: 0, stdout: "", stderr: "" })
  })

  it("installs the licences of what the build has bundled with ours, where the build has written them", async () => {
    await writeFile(join(source, "dist/LICENSE"), "ours, and theirs\n")
    await install()
    expect(await installed("/usr/local/share/doc/pfasciilogd/LICENSE")).toBe("ours, and theirs\n")
  })

  it.each([
    ["FreeBSD", "/usr/local/etc/fail2ban/jail.d"],
    ["OpenBSD", "/etc/fail2ban/jail.d"],
    ["Linux", "/etc/fail2ban/jail.d"]
  ])(
    "leaves the never-ban list of `ignoreip --write` when it is uninstalled on %s, and tells its files",
    async (system, folder) => {
      await install({ SYSTEM: system })
      await mkdir(join(destination, folder), { recursive: true })
      for (const list of [listName, firstName])
        await writeFile(join(destination, folder, list), "the administrator's\n")
      const { stdout } = await install({ SYSTEM: system }, "--uninstall")
      const lists = [listName, firstName].map((list) => `${folder}/${list}`)
      expect(stdout.split("\n").filter((line) => line.startsWith("kept "))).toEqual(
        lists.map((list) => `kept      ${destination}${list}, which 'pfasciilogd ignoreip --write' has made`)
      )
      expect(await filesBelow(destination)).toEqual([...lists].sort())
    }
  )

  it("follows PREFIX and NODE in paths, shebang and files", async () => {
    const environment = { PREFIX: "/opt/pf", NODE: "/opt/node22/bin/node" }
    await install(environment)
    const files = await filesBelow(destination)
    expect(files.filter((file) => !file.startsWith("/opt/pf/"))).toEqual([])
    expect(await installed("/opt/pf/bin/pfasciilogd")).toMatch(
      /^#!\/opt\/node22\/bin\/node\n.*"\/opt\/pf\/etc\/pfasciilogd.toml"/
    )
    const script = await installed("/opt/pf/etc/rc.d/pfasciilogd")
    expect(script).toContain("pfasciilogd_default_node=/opt/node22/bin/node")
    expect(script).toContain("pfasciilogd_script=/opt/pf/bin/pfasciilogd")
    await install(environment, "--uninstall")
    expect(await readdir(destination)).toEqual([])
  })

  it.each([
    "a&b",
    "a|b",
    "a\\b",
    "a\\1b",
    "two words",
    "it's",
    'a "quoted" one',
    "$HOME `id` #;*",
    `long ${"x".repeat(140)}`,
    "x".repeat(140)
  ])("makes a program that runs, with its own default, whatever is in PREFIX and NODE: %j", async (odd) => {
    const prefix = join(destination, odd)
    const node = join(prefix, "bin", odd)
    await mkdir(join(prefix, "bin"), { recursive: true })
    await symlink(process.execPath, node)
    expect(await install({ DESTDIR: "", PREFIX: prefix, NODE: node })).toMatchObject({ status: 0, stderr: "" })
    const outcome = await run(join(prefix, "bin/pfasciilogd"), ["--default", "$1 'it'"])
    expect(outcome).toEqual({ status: 0, stdout: `${join(prefix, "etc/pfasciilogd.toml")} $1 'it'\n`, stderr: "" })
    expect(await readFile(join(prefix, "share/zsh/site-functions/_pfasciilogd"), "utf8")).toBe("completions for zsh\n")
  })

  it("refuses a NODE that no shebang can name, and on OpenBSD what its rc.subr can't run", async () => {
    for (const environment of [
      { NODE: "node" },
      { NODE: "/opt/two\nlines" },
      { PREFIX: "/opt/two\nlines" },
      { SYSTEM: "OpenBSD", NODE: "/opt/two words" }
    ]) {
      expect(await install(environment)).toMatchObject({ status: 64, stderr: expect.stringContaining("accepted") })
    }
    expect(await readdir(destination)).toEqual([])
  })

  it("lists what it installs, each file once, and nothing else", async () => {
    const { stdout } = await install({}, "--list")
    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"))
    await install()
    expect(rows.flatMap(([, , , ...targets]) => targets).sort()).toEqual(await filesBelow(destination))
    for (const [, mode = "", , target = ""] of rows) expect((await modeOf(target)).toString(8)).toBe(mode)
  })

  it("leaves the configuration to the package system with --package: only its samples are there", async () => {
    const { stdout } = await install({}, "--list")
    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"))
    expect(await install({}, "--package")).toMatchObject({ status: 0, stderr: "" })
    expect(await filesBelow(destination)).toEqual(rows.map((row) => row.at(-1)).sort())
  })

  it("leaves what npm installs alone with --service, and wants the program to be there", async () => {
    expect(await install({}, "--service")).toMatchObject({ status: 66, stderr: expect.stringContaining("npm install") })
    const program = join(destination, "usr/local/bin/pfasciilogd")
    await mkdir(join(destination, "usr/local/bin"), { recursive: true })
    await symlink("../lib/node_modules/pfasciilogd/dist/pfasciilogd.mjs", program)
    await mkdir(join(destination, "usr/local/lib/node_modules/pfasciilogd/dist"), { recursive: true })
    await cp(
      join(source, "dist/pfasciilogd.mjs"),
      join(destination, "usr/local/lib/node_modules/pfasciilogd/dist/pfasciilogd.mjs")
    )
    const before = await filesBelow(destination)
    expect(await install({}, "--service")).toMatchObject({ status: 0, stderr: "" })
    const added = (await filesBelow(destination)).filter((file) => !before.includes(file))
    expect(added).toContain("/usr/local/etc/rc.d/pfasciilogd")
    expect(added.filter((file) => /man8|README|LICENSE|bin/.test(file))).toEqual([])
    await install({}, "--service", "--uninstall")
    expect(await filesBelow(destination)).toEqual(before)
  })

  it("follows OpenBSD's layout there", async () => {
    await install({ SYSTEM: "OpenBSD" })
    const files = await filesBelow(destination)
    expect(files).toContain("/etc/rc.d/pfasciilogd")
    expect(files).toContain("/usr/local/man/man8/pfasciilogd.8")
    expect(files.filter((file) => file.includes("newsyslog"))).toEqual([])
    expect(await installed("/etc/rc.d/pfasciilogd")).toContain("rc_cmd")
    await install({ SYSTEM: "OpenBSD" }, "--uninstall")
    expect(await readdir(destination)).toEqual([])
  })

  it("tells what is missing, and refuses what it doesn't know", async () => {
    expect(await install({}, "--remove")).toMatchObject({ status: 64, stderr: expect.stringContaining("usage:") })
    expect(await install({ PREFIX: "here" })).toMatchObject({ status: 64, stderr: expect.stringContaining("absolute") })
    await rm(join(source, "dist"), { recursive: true })
    expect(await install()).toMatchObject({ status: 66, stderr: expect.stringContaining("npm ci && npm run build") })
    expect(await readdir(destination)).toEqual([])
  })
})
