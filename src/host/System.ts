/**
 * What differs between the systems on which we run. FreeBSD comes first; we are built and tested on Linux.
 */

/** The configuration file that is read where none is named. */
export const defaultConfigFile = "/usr/local/etc/pfasciilogd.toml"

/** The folders that are searched for programs after PATH: service(8) and cron(8) run with a PATH that lacks some. */
const programFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

/** The PATH for the programs that we start: the caller's own first, then the folders that a service may lack. */
export const searchPath = (path: string | undefined): string => {
  const folders = (path ?? "").split(":").filter((folder) => folder !== "")
  return [...folders, ...programFolders.filter((folder) => !folders.includes(folder))].join(":")
}

/** The signals that ask for the counters: INFO (Ctrl-T, `kill -INFO`) exists on the BSDs and macOS only. */
export const counterSignals = (platform: NodeJS.Platform): ReadonlyArray<NodeJS.Signals> =>
  platform === "linux" ? ["SIGUSR2"] : ["SIGUSR2", "SIGINFO"]

/** The command that installs tcpdump. */
export const installTcpdump = (platform: NodeJS.Platform): string =>
  platform === "linux" ? "apt-get install tcpdump" : "pkg install tcpdump (on FreeBSD it is part of the base system)"

/** Whether a process that waits for the end of a named pipe notices it: macOS's kqueue, which Node uses, does not report it. */
export const tellsEndOfPipe = (platform: NodeJS.Platform): boolean => platform !== "darwin"

/** The program that makes a named pipe. All systems have it under this path, which does not depend on the PATH of our caller. */
export const makeNamedPipe = "/usr/bin/mkfifo"

/** The BSDs' flag of open(2) that locks the file for us alone, as flock(2) does; 0 where open(2) has none. */
export const lockAtOpen = (platform: NodeJS.Platform): number => (bsds.includes(platform) ? 0x20 : 0)

const bsds: ReadonlyArray<string> = ["freebsd", "openbsd", "netbsd", "dragonfly", "darwin"]

/** Files of the system around us that `validate` looks at. */
export interface HostFiles {
  /** newsyslog(8)'s configuration, and the folders that FreeBSD's includes, read alone where the file is missing. */
  readonly newsyslogConf: string
  readonly newsyslogIncludes: ReadonlyArray<string>
  /** The system whose newsyslog reads it: OpenBSD's has flags of its own, and neither patterns nor includes. */
  readonly newsyslogDialect: "freebsd" | "openbsd"
}

/** Their paths. */
export const hostFiles: HostFiles = {
  newsyslogConf: "/etc/newsyslog.conf",
  newsyslogIncludes: ["/etc/newsyslog.conf.d/[!.]*.conf", "/usr/local/etc/newsyslog.conf.d/[!.]*.conf"],
  newsyslogDialect: process.platform === "openbsd" ? "openbsd" : "freebsd"
}
