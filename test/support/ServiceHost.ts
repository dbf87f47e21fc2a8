import { execFile, execFileSync } from "node:child_process"
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { until } from "./Waiting.ts"

const fixtures = resolve("test/fixtures/freebsd")

/** What a command printed, and its exit status. */
export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Waits as `until` does, for ten seconds at most. */
export const soon = <A>(what: string, condition: () => Promise<A | undefined>) => until(what, condition, 10_000)

/** Whether a process runs; a zombie doesn't. */
export const isRunning = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "")
  return stat !== "" && !/\) [ZX] /.test(stat)
}

/** A host with FreeBSD's stand-ins: a prefix of its own, an rc.conf, and rc.d/pfasciilogd as it would be installed there. */
export class ServiceHost {
  readonly root: string
  /** Where local software is, in place of /usr/local. */
  readonly prefix: string
  readonly script: string
  readonly pidFile: string
  readonly supervisorPidFile: string
  readonly environment: Record<string, string>

  private constructor(root: string, prefix: string) {
    this.root = root
    this.prefix = prefix
    this.script = join(prefix, "etc/rc.d/pfasciilogd")
    this.pidFile = join(root, "run/pfasciilogd.pid")
    this.supervisorPidFile = join(root, "run/pfasciilogd.supervisor.pid")
    this.environment = {
      PATH: `${root}/stand-ins:/usr/sbin:/usr/bin:/sbin:/bin`,
      RC_CONF: join(root, "rc.conf"),
      STAND_IN_NOTES: join(root, "notes"),
      STAND_IN_INTERFACES: join(root, "interfaces"),
      STAND_IN_PID_FILE: join(root, "run/pfasciilogd.pid"),
      DAEMON_SYSLOG: join(root, "syslog")
    }
  }

  /** @param folder the name of the prefix, which scripts/install then writes the script for; the root itself otherwise */
  static async make(
    rcConf: Record<string, string> = { pfasciilogd_enable: "YES" },
    folder?: string
  ): Promise<ServiceHost> {
    const root = await mkdtemp(join(tmpdir(), "pfasciilogd-service-"))
    const prefix = join(root, folder ?? "")
    const host = new ServiceHost(root, prefix)
    for (const path of ["run", "stand-ins", "interfaces"]) await mkdir(join(root, path), { recursive: true })
    for (const path of ["bin", "etc/rc.d"]) await mkdir(join(prefix, path), { recursive: true })
    await symlink(process.execPath, join(prefix, "bin/node"))
    const script = folder === undefined ? await readFile("rc.d/pfasciilogd", "utf8") : await host.#installed()
    await writeFile(join(prefix, "bin/pfasciilogd"), await readFile(join(fixtures, "program.mjs")))
    for (const name of ["ifconfig", "kldload", "cpuset"]) {
      await symlink(join(fixtures, name), join(host.root, "stand-ins", name))
    }
    await host.setRcConf(rcConf)
    await host.setConfiguration(`[process]\npid_file = "${host.pidFile}"\n`)
    await writeFile(join(host.root, "notes"), "")
    await writeFile(
      host.script,
      script
        .replaceAll("/usr/local/", `${root}/`)
        .replaceAll("/etc/rc.subr", join(fixtures, "rc.subr"))
        .replaceAll("/usr/sbin/daemon", join(fixtures, "daemon"))
        .replaceAll("/usr/bin/cpuset", join(fixtures, "cpuset"))
    )
    await chmod(host.script, 0o755)
    return host
  }

  /** What scripts/install makes of the script for this prefix. */
  async #installed(): Promise<string> {
    const environment = { PATH: process.env["PATH"], PREFIX: this.prefix, NODE: join(this.prefix, "bin/node") }
    execFileSync("scripts/install", { env: { ...environment, SYSTEM: "FreeBSD" }, stdio: "ignore" })
    return readFile(this.script, "utf8")
  }

  async setRcConf(variables: Record<string, string>): Promise<void> {
    const lines = Object.entries(variables).map(([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'\n`)
    await writeFile(join(this.root, "rc.conf"), lines.join(""))
  }

  async setConfiguration(toml: string): Promise<void> {
    await writeFile(join(this.prefix, "etc/pfasciilogd.toml"), toml)
  }

  /** `service pfasciilogd …`. */
  service(...words: ReadonlyArray<string>): Promise<Outcome> {
    return new Promise((done) => {
      execFile(this.script, words, { env: this.environment, timeout: 40_000 }, (error, stdout, stderr) =>
        done({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
      )
    })
  }

  async notes(): Promise<ReadonlyArray<string>> {
    return (await readFile(join(this.root, "notes"), "utf8")).split("\n").filter((line) => line !== "")
  }

  /** The pid in a file, where there is one. */
  async pidIn(file: string): Promise<number | undefined> {
    const text = await readFile(file, "utf8").catch(() => "")
    return /^\d+\s*$/.test(text) ? Number(text) : undefined
  }

  async runningPidIn(file: string): Promise<number | undefined> {
    const pid = await this.pidIn(file)
    return pid !== undefined && (await isRunning(pid)) ? pid : undefined
  }

  /** What was done to an interface, from its creation on. */
  async interfaceHistory(name: string): Promise<string> {
    return (await readFile(join(this.root, "interfaces", name), "utf8")).trim().replaceAll("\n", " ")
  }

  /** Ends all that this host started, and removes it. */
  async remove(): Promise<void> {
    for (const file of [this.supervisorPidFile, this.pidFile]) {
      const pid = await this.runningPidIn(file)
      if (pid !== undefined) process.kill(pid, "SIGKILL")
    }
    await rm(this.root, { recursive: true, force: true })
  }
}
