/**
 * What differs between the systems that we run on. FreeBSD comes first; Linux is where we are built and tested.
 */

/** Where the configuration is looked for when nobody says otherwise. */
export const defaultConfigFile = "/usr/local/etc/pfasciilogd.toml"

/** Where the programs that we start are looked for behind PATH: service(8) and cron(8) run with a PATH that lacks some. */
const programFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

/** The PATH under which programs are started: the caller's own first, then the folders that a service may lack. */
export const searchPath = (path: string | undefined): string => {
  const folders = (path ?? "").split(":").filter((folder) => folder !== "")
  return [...folders, ...programFolders.filter((folder) => !folders.includes(folder))].join(":")
}

/** The signals that ask for the counters: INFO (Ctrl-T, `kill -INFO`) exists on the BSDs and macOS only. */
export const counterSignals = (platform: NodeJS.Platform): ReadonlyArray<NodeJS.Signals> =>
  platform === "linux" ? ["SIGUSR2"] : ["SIGUSR2", "SIGINFO"]

/** How a person installs tcpdump here. */
export const installTcpdump = (platform: NodeJS.Platform): string =>
  platform === "linux" ? "apt-get install tcpdump" : "pkg install tcpdump (on FreeBSD it is part of the base system)"

/** Whether the end of a named pipe is told to whoever waits for it: macOS's kqueue, on which Node rests, does not tell it. */
export const tellsEndOfPipe = (platform: NodeJS.Platform): boolean => platform !== "darwin"

/** The program that makes a named pipe. It stands here on all of the systems, whatever the PATH of who starts us. */
export const makeNamedPipe = "/usr/bin/mkfifo"

/** The BSDs' flag of open(2) that locks the file for us alone, as flock(2) does; 0 where open(2) has none. */
export const lockAtOpen = (platform: NodeJS.Platform): number => (bsds.includes(platform) ? 0x20 : 0)

const bsds: ReadonlyArray<string> = ["freebsd", "openbsd", "netbsd", "dragonfly", "darwin"]

/** Files of the system around us that `validate` looks at. */
export interface HostFiles {
  /** newsyslog(8)'s configuration, and the folders that FreeBSD's includes, read alone where the file is missing. */
  readonly newsyslogConf: string
  readonly newsyslogIncludes: ReadonlyArray<string>
  /** Whose newsyslog reads it: OpenBSD's has flags of its own, and neither patterns nor includes. */
  readonly newsyslogDialect: "freebsd" | "openbsd"
}

/** Where those files are. */
export const hostFiles: HostFiles = {
  newsyslogConf: "/etc/newsyslog.conf",
  newsyslogIncludes: ["/etc/newsyslog.conf.d/[!.]*.conf", "/usr/local/etc/newsyslog.conf.d/[!.]*.conf"],
  newsyslogDialect: process.platform === "openbsd" ? "openbsd" : "freebsd"
}
