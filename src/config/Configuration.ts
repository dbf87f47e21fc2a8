import { decoders } from "../decode/Decoders.ts"
import { formats } from "../format/Formats.ts"
import { syslogForms } from "../format/filterlog/Syslog.ts"
import type { Setting } from "./Setting.ts"
import * as Type from "./Setting.ts"

/**
 * Everything that a person can configure: sections and keys of the file, with flag, meaning, default and accepted values. The
 * flags of `run`, the environment variables and the reader of the file are all derived from this table.
 */
export const settings = {
  capture: {
    interface: Type.word("an interface's name")({
      flag: "interface",
      placeholder: "name",
      description: "The interface on which pf shows the packets that it logs.",
      default: "pflog0"
    }),
    tcpdump: Type.program({
      flag: "tcpdump",
      placeholder: "program",
      description: "The tcpdump to run, by path or by name.",
      default: "tcpdump"
    }),
    user: Type.userName({
      flag: "user",
      placeholder: "name",
      description: "The user that tcpdump becomes once it has opened the interface (its -Z); used when we run as root.",
      default: "nobody"
    }),
    expression: Type.text({
      flag: "expression",
      placeholder: "filter",
      description: "A filter expression of pcap-filter(7): only the packets that it matches are captured.",
      default: ""
    }),
    decoder: Type.choice(decoders)({
      flag: "decoder",
      placeholder: "name",
      purpose: "What decodes the packets",
      default: "text"
    }),
    read: Type.paths({
      flag: "read",
      placeholder: "file",
      description: "A saved capture to read instead of the interface, - for standard input; the run ends after it.",
      default: ""
    }),
    snapshotLength: Type.wholeNumber(
      128,
      262_144
    )({
      flag: "snapshot-length",
      placeholder: "bytes",
      description:
        "How many bytes of each packet are captured (tcpdump's -s): pf's header, IP and TCP with all options fit into the default, and little of what the sender chose.",
      default: 256
    }),
    kernelBuffer: Type.byteSize(
      32_768,
      1_073_741_824,
      'a size between "32 KiB" and "1 GiB", such as "2 MiB"'
    )({
      flag: "kernel-buffer",
      placeholder: "size",
      description:
        "How much the kernel keeps for tcpdump (its -B) before it drops packets; the BSDs give at most net.bpf.maxbufsize.",
      default: "2 MiB"
    }),
    statisticsInterval: Type.timeOrNone({
      flag: "statistics-interval",
      placeholder: "duration",
      description: "How often tcpdump is asked what the kernel has dropped, where it can be asked safely.",
      default: "1 minute"
    }),
    silenceWarning: Type.timeOrNone({
      flag: "silence-warning",
      placeholder: "duration",
      description: "How long without an entry before a warning is logged.",
      default: "0 seconds"
    }),
    stopGrace: Type.someTime({
      flag: "stop-grace",
      placeholder: "duration",
      description: "How long a tcpdump that was asked to end may take before it is killed.",
      default: "5 seconds"
    })
  },
  log: {
    file: Type.path({
      flag: "log-file",
      placeholder: "path",
      description: "The log, to which one line is appended per packet.",
      default: "/var/log/pf.log"
    }),
    mode: Type.fileMode({
      flag: "log-mode",
      placeholder: "mode",
      description: "The permissions of a log that we create; those of an existing log stay as they are.",
      default: "0640"
    }),
    format: Type.choice(formats)({
      flag: "format",
      placeholder: "name",
      purpose: "How a packet is written",
      default: "ascii"
    }),
    syslog: Type.choice(syslogForms)({
      flag: "syslog",
      placeholder: "form",
      purpose: "How the lines of the format filterlog begin",
      default: "rfc3164"
    }),
    buffer: Type.byteSize(
      65_536,
      1_073_741_824,
      'a size between "64 KiB" and "1 GiB", such as "8 MiB"'
    )({
      flag: "log-buffer",
      placeholder: "size",
      description: "How much may wait in memory while the log can't be written; at this bound reading stops.",
      default: "8 MiB"
    }),
    flushGrace: Type.someTime({
      flag: "flush-grace",
      placeholder: "duration",
      description: "How long a stop waits for a log that can't be written, before its lines are given up.",
      default: "10 seconds"
    })
  },
  scan: {
    file: Type.optionalPath({
      flag: "scan-file",
      placeholder: "path",
      description: "A second log, with one line per scan, on which fail2ban acts at once.",
      default: ""
    }),
    ports: Type.wholeNumber(
      3,
      64
    )({
      flag: "scan-ports",
      placeholder: "number",
      description: "So many different targets (protocol, port, address) of one source make a scan; IPv6 counts by /64.",
      default: 12
    }),
    within: Type.someTime({
      flag: "scan-within",
      placeholder: "duration",
      description: "The time within which they are counted.",
      default: "1 minute"
    }),
    hosts: Type.wholeNumber(
      0,
      64
    )({
      flag: "scan-hosts",
      placeholder: "number",
      description:
        "So many different sources of one network (IPv4 /24, IPv6 /48) must take part in a scan of the network; 0 looks at no networks.",
      default: 0
    }),
    networkPorts: Type.wholeNumber(
      3,
      64
    )({
      flag: "scan-network-ports",
      placeholder: "number",
      description: "So many different targets of one network make its scan.",
      default: 24
    }),
    remind: Type.someTime({
      flag: "scan-remind",
      placeholder: "duration",
      description: "How long the same source is not named again.",
      default: "10 minutes"
    }),
    sources: Type.wholeNumber(
      1024,
      1_048_576
    )({
      flag: "scan-sources",
      placeholder: "number",
      description:
        "How many sources are remembered that build up a scan, beside 24 times as many newcomers: 53 MiB by default, 158 MiB with networks.",
      default: 65_536
    })
  },
  process: {
    pidFile: Type.path({
      flag: "pid-file",
      placeholder: "path",
      description: "Where our process number is kept, for newsyslog(8) and service(8).",
      default: "/var/run/pfasciilogd.pid"
    })
  },
  metrics: {
    textfile: Type.optionalPath({
      flag: "metrics-textfile",
      placeholder: "path",
      description:
        "Where the counters are kept for Prometheus: a .prom file in the folder of node_exporter's textfile collector.",
      default: ""
    }),
    interval: Type.someTime({
      flag: "metrics-interval",
      placeholder: "duration",
      description: "How often that file is written.",
      default: "15 seconds"
    })
  },
  guard: {
    never: Type.networks({
      flag: "guard-never",
      placeholder: "networks",
      description: "Hosts and networks never to ban, beside those that pfasciilogd ignoreip finds by itself.",
      default: []
    })
  },
  restart: {
    initialDelay: Type.someTime({
      flag: "restart-initial-delay",
      placeholder: "duration",
      description: "How long after its first failure tcpdump is started again; doubled at each further one.",
      default: "250 millis"
    }),
    maxDelay: Type.someTime({
      flag: "restart-max-delay",
      placeholder: "duration",
      description: "The longest delay before tcpdump is started again.",
      default: "30 seconds"
    }),
    healthyAfter: Type.someTime({
      flag: "restart-healthy-after",
      placeholder: "duration",
      description: "After running this long tcpdump counts as healthy, and its next failure as the first.",
      default: "1 minute"
    })
  }
} as const satisfies Readonly<Record<string, Readonly<Record<string, Setting<unknown>>>>>

type Settings = typeof settings

type Value<S> = S extends Setting<infer A> ? A : never

/** The checked configuration: a value for every setting. */
export type Configuration = {
  readonly [Section in keyof Settings]: {
    readonly [Key in keyof Settings[Section]]: Value<Settings[Section][Key]>
  }
}

/** A setting with its place in the file. */
export interface PlacedSetting {
  readonly section: string
  /** The property of `Configuration`. */
  readonly property: string
  /** The key in the file: the property in snake_case. */
  readonly key: string
  readonly setting: Setting<unknown>
}

/** All settings, in the order of the table. */
export const placedSettings: ReadonlyArray<PlacedSetting> = Object.entries(settings).flatMap(([section, entries]) =>
  Object.entries(entries).map(([property, setting]) => ({
    section,
    property,
    key: property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    setting
  }))
)

/** The environment variable of a setting: `PFASCIILOGD_` and its flag in upper case. */
export const variableOf = (setting: Setting<unknown>): string => variableNamed(setting.flag)

/** The environment variable of a name whose words are joined by dashes. */
export const variableNamed = (name: string): string => `PFASCIILOGD_${name.toUpperCase().replaceAll("-", "_")}`
