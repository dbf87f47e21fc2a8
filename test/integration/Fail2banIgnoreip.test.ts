import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { promisify } from "node:util"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { firstName, listName } from "../../src/fail2ban/ignoreip/DropIn.ts"
import { type Placement, placeIgnoreip } from "../../src/fail2ban/ignoreip/Placement.ts"
import { parseNetwork } from "../../src/host/neverban/Network.ts"
import { makeNeverBanList, type NeverBanEntry } from "../../src/host/neverban/NeverBanList.ts"
import { startFail2ban } from "../support/Fail2banServer.ts"
import { freebsdHost } from "../support/NeverBanHost.ts"
import { temporaryFolder } from "../support/PerTest.ts"
import { until } from "../support/Waiting.ts"

const entriesOf = (...texts: ReadonlyArray<string>): ReadonlyArray<NeverBanEntry> =>
  makeNeverBanList(
    texts.flatMap((text) => {
      const network = parseNetwork(text)
      return network === undefined ? [] : [{ network, role: "configured" as const, source: "test" }]
    })
  ).entries

const never = ["192.0.2.1", "fe80::1", "2001:db8::/32"]

/** A fail2ban configuration with the system's files, the shipped filter and jail, and what an administrator adds. */
class Fail2banFolder {
  readonly config = path.join(temporaryFolder(), "fail2ban")
  readonly log = path.join(path.dirname(this.config), "pf.log")
  readonly list = path.join(this.config, "jail.d", listName)
  readonly first = path.join(this.config, "jail.d", firstName)

  constructor(files: Readonly<Record<string, string>> = {}) {
    fs.cpSync("/etc/fail2ban", this.config, { recursive: true })
    fs.rmSync(path.join(this.config, "jail.d"), { recursive: true })
    fs.cpSync("fail2ban", this.config, { recursive: true })
    fs.writeFileSync(this.log, "")
    this.write("jail.d/a-log.local", `[pfasciilogd]\nenabled = true\nlogpath = ${this.log}\n`)
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }

  write(name: string, text: string): void {
    fs.writeFileSync(path.join(this.config, name), text)
  }

  place(file = this.list, entries = entriesOf(...never)): Promise<Placement> {
    return Effect.runPromise(placeIgnoreip(file, "pfasciilogd", [this.log], entries))
  }

  /** What the real fail2ban makes of `ignoreip`. */
  async ignoreip(jail = "pfasciilogd"): Promise<ReadonlyArray<string>> {
    const { stdout } = await promisify(execFile)("fail2ban-client", ["-c", this.config, "-d"])
    const line = stdout.split("\n").find((command) => command.startsWith(`['set', '${jail}', 'addignoreip'`)) ?? ""
    return [...line.matchAll(/'([^']*)'/g)].slice(3).map(([, value = ""]) => value)
  }
}

const global = "203.0.113.0/24"
const inDefault = `[DEFAULT]\nignoreip = ${global}\n`
const inJail = (value: string) => `[pfasciilogd]\nignoreip = ${value}\n`
const withoutOwnIgnoreip = fs.readFileSync("fail2ban/jail.d/pfasciilogd.conf", "utf8").replace(/^ignoreip.*\n/m, "")

describe("the list in fail2ban's jail.d, as the real fail2ban reads it", () => {
  it.each<[string, Record<string, string>]>([
    [
      "[DEFAULT] of jail.conf",
      {
        "jail.conf": `${fs.readFileSync("/etc/fail2ban/jail.conf", "utf8")}\n${inDefault}`.replace(
          /\[DEFAULT\]\n(?=ignoreip = 203)/,
          "[DEFAULT]\n"
        )
      }
    ],
    ["[DEFAULT] of jail.local", { "jail.local": inDefault }],
    ["[DEFAULT] of an early file of jail.d", { "jail.d/00-ours.conf": inDefault }],
    ["[DEFAULT] of a late file of jail.d", { "jail.d/zz-ours.local": inDefault }],
    ["the jail's section of jail.local", { "jail.local": inJail(global) }],
    ["the jail's section of pfasciilogd.local", { "jail.d/pfasciilogd.local": inJail(global) }],
    ["the jail's section of a late file of jail.d", { "jail.d/zz-ours.local": inJail(global) }],
    [
      "the jail's section, adding",
      {
        "jail.local": "[DEFAULT]\nignoreip = 198.51.100.7\n",
        "jail.d/pfasciilogd.local": inJail(`%(known/ignoreip)s ${global}`)
      }
    ],
    [
      "the jail's section, adding to the default",
      {
        "jail.local": "[DEFAULT]\nignoreip = 198.51.100.7\n",
        "jail.d/pfasciilogd.local": inJail(`%(default/ignoreip)s ${global}`)
      }
    ],
    [
      "the jail's section of the very last file, adding",
      { "jail.local": inDefault, "jail.d/zzzz.local": inJail("%(known/ignoreip)s 198.51.100.7") }
    ]
  ])("adds to what an administrator has in %s", async (_place, files) => {
    const folder = new Fail2banFolder({ "jail.d/pfasciilogd.conf": withoutOwnIgnoreip, ...files })
    const before = await folder.ignoreip()
    expect(before).toContain(global)
    expect(await folder.place()).toMatchObject({ changed: true, jails: ["pfasciilogd"], tried: true })
    expect(await folder.ignoreip()).toEqual(expect.arrayContaining([...before, ...never]))
    expect(await folder.place()).toMatchObject({ changed: false })
    // What is there now counts for nothing when it is made anew.
    expect(await folder.place(folder.list, entriesOf("192.0.2.2"))).toMatchObject({ changed: true })
    expect([...(await folder.ignoreip())].toSorted()).toEqual([...before, "192.0.2.2"].toSorted())
  })

  it("works where nobody has set an ignoreip, and goes on when somebody does so later, or takes it away again", async () => {
    const folder = new Fail2banFolder({ "jail.d/pfasciilogd.conf": withoutOwnIgnoreip })
    expect(await folder.ignoreip()).toEqual([])
    await folder.place()
    expect(await folder.ignoreip()).toEqual(expect.arrayContaining(never))
    for (const name of ["jail.local", "jail.d/ours.conf", "jail.d/zz.local"]) {
      folder.write(name, inDefault)
      expect(await folder.ignoreip(), name).toEqual(expect.arrayContaining([global, ...never]))
      folder.write(name, "")
      expect(await folder.ignoreip(), name).toEqual(expect.arrayContaining(never))
    }
  })

  it("gives the list to every jail that follows the log", async () => {
    const folder = new Fail2banFolder()
    folder.write(
      "jail.d/other.local",
      `[other]\nenabled = true\nfilter = sshd\nlogpath = ${folder.log}\nignoreip = ${global}\n`
    )
    expect((await folder.place()).jails).toEqual(["pfasciilogd", "other"])
    expect(await folder.ignoreip("other")).toEqual(expect.arrayContaining([global, ...never]))
  })

  it("is put beside a jail that is not enabled yet", async () => {
    const folder = new Fail2banFolder()
    folder.write("jail.d/a-log.local", "")
    expect(await folder.place()).toMatchObject({ changed: true, tried: true })
    folder.write("jail.d/a-log.local", `[pfasciilogd]\nenabled = true\nlogpath = ${folder.log}\n`)
    expect(await folder.ignoreip()).toEqual(expect.arrayContaining(never))
  })

  it("isn't put in place where a later file would cancel it, and says which", async () => {
    const folder = new Fail2banFolder({ "jail.d/zzzz.local": inJail(global) })
    await expect(folder.place()).rejects.toThrow(/Nothing was written/)
    await expect(folder.place()).rejects.toThrow(path.join(folder.config, "jail.d/zzzz.local"))
    expect(fs.existsSync(folder.list)).toBe(false)
    expect(fs.existsSync(folder.first)).toBe(false)
    expect(await folder.ignoreip()).toEqual([global])
  })

  it("isn't put in place where it would keep the jail's section from adding to an earlier one", async () => {
    const folder = new Fail2banFolder({
      "jail.d/early.conf": inJail("198.51.100.7"),
      "jail.d/pfasciilogd.local": inJail(`%(known/ignoreip)s ${global}`)
    })
    const before = await folder.ignoreip()
    await expect(folder.place()).rejects.toThrow(/Nothing was written/)
    expect(await folder.ignoreip()).toEqual(before)
  })

  it("isn't put in place where fail2ban cannot read its configuration as it is, or its filter is missing", async () => {
    const broken = new Fail2banFolder({ "jail.d/x.local": inJail("%(nothing)s") })
    await expect(broken.place()).rejects.toThrow(/cannot read its configuration as it is: .*nothing/)
    expect(fs.existsSync(broken.list)).toBe(false)
    const without = new Fail2banFolder()
    fs.rmSync(path.join(without.config, "filter.d/pfasciilogd.conf"))
    await expect(without.place()).rejects.toThrow(/cannot read its configuration as it is: .*filter/)
    expect(fs.existsSync(without.list)).toBe(false)
  })

  it("never replaces a file that was edited, is somebody else's, or a link", async () => {
    for (const spoil of [
      (file: string) => fs.appendFileSync(file, "  192.0.2.99\n"),
      (file: string) => fs.writeFileSync(file, inJail("192.0.2.99")),
      (file: string) => {
        fs.rmSync(file)
        fs.symlinkSync("/etc/passwd", file)
      }
    ]) {
      const folder = new Fail2banFolder()
      await folder.place()
      spoil(folder.list)
      const before = fs.readFileSync(folder.list, "utf8")
      await expect(folder.place(folder.list, entriesOf("192.0.2.2"))).rejects.toThrow(/was edited/)
      expect(fs.readFileSync(folder.list, "utf8")).toBe(before)
    }
  })

  it("is written as it is to a file outside of fail2ban's folder", async () => {
    const file = path.join(temporaryFolder(), "list.local")
    const placement = await Effect.runPromise(placeIgnoreip(file, "pfasciilogd", ["/x"], entriesOf(...never)))
    expect(placement).toEqual({ files: [file], changed: true, jails: ["pfasciilogd"], tried: false })
    const folder = new Fail2banFolder({ "jail.local": inDefault })
    fs.copyFileSync(file, folder.list)
    expect(await folder.ignoreip()).toEqual(expect.arrayContaining(never))
    expect(fs.statSync(file).mode & 0o777).toBe(0o644)
  })
})

const now = () => new Date().toISOString().replace("Z", "000+00:00")

const probes = (source: string): string => {
  const target = source.includes(":") ? "2001:db8:9::9" : "192.0.2.9"
  return Array.from(
    { length: 20 },
    (_, index) =>
      `${now()} rule 1/0(match): block in on vtnet0: ${source}.40000 > ${target}.${20 + index}: Flags [S], seq 1, win 1024, length 0\n`
  ).join("")
}

describe("the real fail2ban-server with the list of a prepared host", () => {
  it("ignores every host on it and the administrator's global list, and bans others", async () => {
    const host = freebsdHost()
    const { entries } = await host.list(["192.0.2.0/25"])
    const folder = temporaryFolder()
    const log = path.join(folder, "pf.log")
    fs.writeFileSync(log, "")
    const server = await startFail2ban(
      folder,
      `[pfasciilogd]\nenabled = true\nlogpath = ${log}\nbackend = polling\nignoreself = false\naction = record\n[sshd]\nenabled = true\nbackend = polling\nlogpath = ${log}\n`,
      {},
      async (config) => {
        fs.writeFileSync(path.join(config, "jail.d/pfasciilogd.conf"), withoutOwnIgnoreip)
        fs.writeFileSync(path.join(config, "jail.local"), "[DEFAULT]\nignoreip = 203.0.113.201 2001:db8:201::/48\n")
        await Effect.runPromise(placeIgnoreip(path.join(config, "jail.d", listName), "pfasciilogd", [log], entries))
      }
    )
    const spared = [
      ...entries.map(({ network }) => network.text.replace(/\/.*/, "")),
      ...["192.0.2.127", "2001:db8:1:2:ffff::1", "203.0.113.201", "2001:db8:201::5"]
    ]
    const banned = ["192.0.2.128", "2001:db8:1:3::1", "203.0.113.202", "192.0.2.250"]
    expect(spared.length).toBeGreaterThan(20)
    fs.appendFileSync(log, [...spared, ...banned].map(probes).join(""))
    await until("the others are banned", () => banned.every((host) => server.banned().includes(host)), 60_000)
    expect([...server.banned()].toSorted()).toEqual(banned.toSorted())
    for (const address of ["198.51.100.10", "198.51.100.1", "2001:db8:123::1234", "203.0.113.7", "203.0.113.201"])
      expect(server.log()).toContain(`Ignore ${address} by ip`)
  }, 90_000)

  it("starts with other jails whose ignoreip nobody has set", async () => {
    const folder = temporaryFolder()
    const log = path.join(folder, "pf.log")
    const auth = path.join(folder, "auth.log")
    for (const file of [log, auth]) fs.writeFileSync(file, "")
    const server = await startFail2ban(
      folder,
      `[pfasciilogd]\nenabled = true\nlogpath = ${log}\nbackend = polling\naction = record\n[sshd]\nenabled = true\nbackend = polling\nlogpath = ${auth}\naction = record\n`,
      {},
      async (config) => {
        await Effect.runPromise(
          placeIgnoreip(path.join(config, "jail.d", listName), "pfasciilogd", [log], entriesOf(...never))
        )
      }
    )
    await until("both jails are started", () => /Jail 'sshd' started/.test(server.log()))
    expect(server.log()).not.toMatch(/ERROR/)
  }, 60_000)
})
