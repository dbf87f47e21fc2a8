import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { type Configuration, placedSettings, variableOf } from "../../src/config/Configuration.ts"
import { type Flags, resolveConfiguration } from "../../src/config/Sources.ts"

/** Three values of each setting, as one writes them, none of them its default; what is understood by each. */
const values: Readonly<Record<string, readonly [Sample, Sample, Sample]>> = {
  interface: [same("pflog1"), same("pflog2"), same("em0.100")],
  tcpdump: [same("/opt/one"), same("two"), same("/opt/three")],
  user: [same("_pflogd"), same(""), same("someone")],
  expression: [same("ip"), same("tcp port 22"), same("host 192.0.2.1 and not udp")],
  decoder: [same("packet"), same("text"), same("packet")],
  read: [
    ["/tmp/one.pcap", ["/tmp/one.pcap"]],
    ["-", ["-"]],
    ["/tmp/three, with a comma", ["/tmp/three, with a comma"]]
  ],
  "snapshot-length": [
    ["128", 128],
    ["262144", 262_144],
    ["65535", 65_535]
  ],
  "kernel-buffer": [
    ["32 KiB", 32_768],
    ["1 GiB", 1_073_741_824],
    ["40000", 40_000]
  ],
  "statistics-interval": [span("1 second"), span("0 seconds"), span("3 millis")],
  "silence-warning": [span("1 second"), span("2 minutes"), span("3 hours")],
  syslog: [same("rfc5424"), same("rfc3164"), same("rfc5424")],
  "metrics-textfile": [same("/tmp/one.prom"), same(""), same("/tmp/three.prom")],
  "metrics-interval": [span("1 second"), span("2 minutes"), span("3 hours")],
  "scan-file": [same("/tmp/scans.log"), same(""), same("/tmp/other.log")],
  "scan-ports": [
    ["3", 3],
    ["64", 64],
    ["20", 20]
  ],
  "scan-within": [span("1 second"), span("2 minutes"), span("3 hours")],
  "scan-hosts": [
    ["0", 0],
    ["64", 64],
    ["8", 8]
  ],
  "scan-network-ports": [
    ["3", 3],
    ["64", 64],
    ["20", 20]
  ],
  "scan-remind": [span("1 second"), span("2 minutes"), span("3 hours")],
  "scan-sources": [
    ["1024", 1024],
    ["1048576", 1_048_576],
    ["2000", 2000]
  ],
  "stop-grace": [span("1 second"), span("2 minutes"), span("3 millis")],
  "log-file": [same("/tmp/one"), same("/tmp/two.log"), same("/var/log/thr ee")],
  "log-mode": [
    ["0600", 0o600],
    ["0644", 0o644],
    ["640", 0o640]
  ],
  format: [same("json"), same("ascii"), same("json")],
  "log-buffer": [
    ["64 KiB", 65_536],
    ["1 GiB", 1_073_741_824],
    ["70000", 70_000]
  ],
  "flush-grace": [span("1 second"), span("2 minutes"), span("3 millis")],
  "pid-file": [same("/tmp/1.pid"), same("/tmp/2.pid"), same("/run/three.pid")],
  "guard-never": [
    ["192.0.2.10", ["192.0.2.10"]],
    ["198.51.100.9/24, 2001:db8::1/32 ::ffff:192.0.2.1", ["198.51.100.0/24", "2001:db8::/32", "192.0.2.1"]],
    ["", []]
  ],
  "restart-initial-delay": [span("1 second"), span("20 millis"), span("3 seconds")],
  "restart-max-delay": [span("1 minute"), span("20 seconds"), span("3 hours")],
  "restart-healthy-after": [span("1 second"), span("20 millis"), span("3 days")]
}

/** What one writes, and what is understood. */
type Sample = readonly [string, unknown]

function same(text: string): Sample {
  return [text, text]
}

function span(
  text: "1 second" | "1 minute" | `${number} ${"millis" | "seconds" | "minutes" | "hours" | "days"}`
): Sample {
  return [text, Duration.decode(text)]
}

const fileWith = (content: string) => ({ path: "/etc/test.toml", content })

/** The value at a setting's place. */
const valueAt = (configuration: Configuration, { section, property }: (typeof placedSettings)[number]): unknown => {
  const sections: Readonly<Record<string, Readonly<Record<string, unknown>>>> = configuration
  return sections[section]?.[property]
}

/** Sets an environment variable until the scope ends. */
const setVariable = (name: string, value: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      process.env[name] = value
    }),
    () => Effect.sync(() => delete process.env[name])
  )

/** The problems that a file has. */
const problemsOf = (content: string, flags: Flags = {}) =>
  Effect.map(Effect.flip(resolveConfiguration(flags, fileWith(content))), (error) => error.problems)

describe("resolveConfiguration", () => {
  it("is tested here with every setting that there is", () => {
    expect(Object.keys(values).toSorted()).toEqual(placedSettings.map(({ setting }) => setting.flag).toSorted())
  })

  it.scoped.each(placedSettings.map((placed) => [`${placed.section}.${placed.key}`, placed] as const))(
    "takes %s from flag, environment, file, default, in this order",
    ([, placed]) =>
      Effect.gen(function* () {
        const [flag, variable, line] = values[placed.setting.flag] ?? []
        if (flag === undefined || variable === undefined || line === undefined)
          return expect.fail("no values to test with")
        const file = fileWith(`[${placed.section}]\n${placed.key} = ${JSON.stringify(line[0])}\n`)

        const byDefault = valueAt(yield* resolveConfiguration({}, undefined), placed)
        expect(byDefault).toEqual(valueAt(yield* resolveConfiguration({}, fileWith("")), placed))
        expect(valueAt(yield* resolveConfiguration({}, file), placed)).toEqual(line[1])
        yield* setVariable(variableOf(placed.setting), variable[0])
        expect(valueAt(yield* resolveConfiguration({}, file), placed)).toEqual(variable[1])
        const flags = { [placed.setting.flag]: flag[0] }
        expect(valueAt(yield* resolveConfiguration(flags, file), placed)).toEqual(flag[1])
      })
  )

  it.scoped("understands a variable that is named after section and key, behind the one named after the flag", () =>
    Effect.gen(function* () {
      yield* setVariable("PFASCIILOGD_LOG_FORMAT", "json")
      expect((yield* resolveConfiguration({}, undefined)).log.format).toBe("json")
      yield* setVariable("PFASCIILOGD_FORMAT", "ascii")
      expect((yield* resolveConfiguration({}, undefined)).log.format).toBe("ascii")
    })
  )

  it.scoped("takes a variable whole, commas and all", () =>
    Effect.gen(function* () {
      yield* setVariable("PFASCIILOGD_READ", "/tmp/one, with a comma")
      yield* setVariable("PFASCIILOGD_LOG_FILE", "/tmp/a,b")
      const { capture, log } = yield* resolveConfiguration({}, undefined)
      expect(capture.read).toEqual(["/tmp/one, with a comma"])
      expect(log.file).toBe("/tmp/a,b")
    })
  )

  it.effect("has the defaults that the documentation names", () =>
    Effect.gen(function* () {
      const configuration = yield* resolveConfiguration({}, undefined)
      expect(configuration).toMatchObject({
        capture: { interface: "pflog0", tcpdump: "tcpdump", user: "nobody", expression: "", decoder: "text", read: [] },
        log: { file: "/var/log/pf.log", mode: 0o640, format: "ascii" },
        process: { pidFile: "/var/run/pfasciilogd.pid" }
      })
      expect(Duration.toMillis(configuration.restart.initialDelay)).toBe(250)
      expect(Duration.toMillis(configuration.restart.maxDelay)).toBe(30_000)
      expect(Duration.toMillis(configuration.restart.healthyAfter)).toBe(60_000)
    })
  )

  it.effect("reads every way in which TOML writes a key", () =>
    Effect.gen(function* () {
      for (const content of [
        '[log]\nfile = "/x"',
        'log.file = "/x"',
        'log = { file = "/x" }',
        "[log]\r\n'file' = '/x' # a comment\r\n",
        '[ log ]\nfile = """/x"""'
      ]) {
        expect((yield* resolveConfiguration({}, fileWith(content))).log.file).toBe("/x")
      }
    })
  )

  it.effect("reads a list of captures, and numbers where they are plain", () =>
    Effect.gen(function* () {
      const content = '[capture]\nread = ["/a", "/b"]\n[log]\nmode = 600\nbuffer = 70000'
      const { capture, log } = yield* resolveConfiguration({}, fileWith(content))
      expect(capture.read).toEqual(["/a", "/b"])
      expect(log.mode).toBe(0o600)
      expect(log.buffer).toBe(70_000)
    })
  )
})

describe("resolveConfiguration, refusing", () => {
  it.effect("names file, line and the nearest key of an unknown key", () =>
    Effect.gen(function* () {
      const [problem] = yield* problemsOf('[log]\nfile = "/x"\nmoed = "0640"\n')
      expect(problem).toMatch(
        /^\/etc\/test\.toml:3: unknown key log\.moed\. Did you mean log\.mode\? Known here: log\.file, /
      )
    })
  )

  it.effect("knows no key for one that is like no other", () =>
    Effect.gen(function* () {
      const [problem] = yield* problemsOf('[log]\nxyzzyplugh = "0640"\n')
      expect(problem).not.toContain("Did you mean")
      expect(problem).toContain("Known here: log.file")
    })
  )

  it.effect.each([
    ["[capturre]", "/etc/test.toml:1: unknown section capturre. Did you mean capture?"],
    [
      '\n[capturre]\ninterface = "x"',
      "/etc/test.toml:3: unknown key capturre.interface. Did you mean capture.interface?"
    ],
    ["[nothing_of_ours]", "Known here: [capture], [log], "],
    ["nothing_of_ours = {}", "/etc/test.toml:1: unknown section nothing_of_ours"],
    ['interface = "x"', "/etc/test.toml:1: unknown key interface."],
    ['[log.file]\nname = "x"', "/etc/test.toml:2: unknown key log.file.name"],
    ['[[log]]\nfile = "x"', "/etc/test.toml:2: unknown key log.0.file"],
    ['"log.file" = "/x"', "/etc/test.toml:1: unknown key"]
  ] as const)("tells an unknown section and a key in the wrong place: %s", ([content, problem]) =>
    Effect.gen(function* () {
      expect((yield* problemsOf(content)).join("\n")).toContain(problem)
    })
  )

  it.effect.each([
    ["capture", "interface", '""'],
    ["capture", "interface", '"-x"'],
    ["capture", "tcpdump", '""'],
    ["capture", "user", '"no body"'],
    ["capture", "decoder", '"txt"'],
    ["capture", "read", "true"],
    ["capture", "read", '["a", 1]'],
    ["capture", "expression", "[]"],
    ["capture", "snapshot_length", "127"],
    ["capture", "snapshot_length", "262145"],
    ["capture", "snapshot_length", "256.5"],
    ["capture", "snapshot_length", "-256"],
    ["capture", "statistics_interval", '"-1 seconds"'],
    ["capture", "silence_warning", '"Infinity"'],
    ["guard", "never", '"0.0.0.0/0"'],
    ["guard", "never", '["192.0.2.1", "::/0"]'],
    ["guard", "never", '"::ffff:0:0/96"'],
    ["guard", "never", '"192.0.0.0/7"'],
    ["guard", "never", '"2001::/15"'],
    ["guard", "never", '"192.0.2"'],
    ["guard", "never", '"010.0.0.1"'],
    ["guard", "never", '"192.0.2.1/33"'],
    ["guard", "never", '"monitoring.example.net"'],
    ["guard", "never", '"fe80::1%em0"'],
    ["guard", "never", "[1]"],
    ["log", "syslog", '"rfc5425"'],
    ["metrics", "textfile", "5"],
    ["metrics", "interval", '"0 seconds"'],
    ["log", "file", '""'],
    ["log", "file", "{}"],
    ["log", "mode", '"0777"'],
    ["log", "mode", '"4640"'],
    ["log", "mode", '"0240"'],
    ["log", "mode", '"rw"'],
    ["log", "mode", "0o640"],
    ["log", "format", '"ASCII"'],
    ["log", "buffer", '"1 KiB"'],
    ["log", "buffer", '"2 GiB"'],
    ["log", "buffer", '"-1"'],
    ["log", "buffer", '"8 MB"'],
    ["restart", "max_delay", '"30"'],
    ["restart", "max_delay", "30"],
    ["restart", "max_delay", '"30 parsecs"'],
    ["restart", "max_delay", '"-5 seconds"'],
    ["restart", "max_delay", '"0 seconds"'],
    ["restart", "max_delay", '"Infinity"'],
    ["restart", "max_delay", "inf"],
    ["restart", "max_delay", "nan"],
    ["restart", "max_delay", "1979-05-27T07:32:00Z"],
    ["process", "pid_file", "1.5e300"]
  ] as const)("names place, value and what is accepted: %s.%s = %s", ([section, key, value]) =>
    Effect.gen(function* () {
      const problems = yield* problemsOf(`\n[${section}]\n${key} = ${value}`)
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(
        new RegExp(`^/etc/test\\.toml:3: ${section}\\.${key}: .+ is not accepted; accepted: .+\\.$`)
      )
    })
  )

  it.scoped("names the flag or the environment variable that holds a wrong value", () =>
    Effect.gen(function* () {
      const [byFlag] = yield* problemsOf("", { "log-mode": "0999" })
      expect(byFlag).toMatch(/^--log-mode: "0999" is not accepted; accepted: permissions in octal/)
      yield* setVariable("PFASCIILOGD_RESTART_MAX_DELAY", "soon")
      const [byVariable] = yield* problemsOf("")
      expect(byVariable).toMatch(
        /^the environment's PFASCIILOGD_RESTART_MAX_DELAY: "soon" is not accepted; accepted: a dur/
      )
    })
  )

  it.effect.each([
    ['[log\nfile = "/x"', 1],
    ['[log]\n\nfile = "/x', 3],
    ["[log]\nfile = /x", 2],
    ["[log]\nmode = 0640", 2],
    ['[log]\nfile = "/x"\nfile = "/y"', 3],
    ["[log]\nfile", 2],
    ["[log]\nfile =\n", 2],
    ["[log]\n= 5", 2],
    ["[log]\n[capture]\n[log]", 3]
  ] as const)("tells the line of broken TOML: %j", ([content, line]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(resolveConfiguration({}, fileWith(content)))
      expect(error.reason).toBe("syntax")
      expect(error.message).toMatch(new RegExp(`^/etc/test\\.toml:${line}: not valid TOML: .+\\.$`))
    })
  )

  it.effect("tells all that is wrong at once", () =>
    Effect.gen(function* () {
      const problems = yield* problemsOf('[log]\nmode = "x"\nformat = "y"\n[restart]\nmax_dleay = "1 second"', {
        interface: ""
      })
      expect(problems).toHaveLength(4)
      for (const part of ["restart.max_dleay", "log.mode", "log.format", "--interface"]) {
        expect(problems.join("\n")).toContain(part)
      }
    })
  )

  it.effect.each([
    [{ format: "filterlog" }, 'set capture.decoder to "packet"'],
    [{ "restart-initial-delay": "31 seconds" }, "restart.initial_delay is longer than restart.max_delay"]
  ] as const)("tells settings that contradict each other: %j", ([flags, problem]) =>
    Effect.gen(function* () {
      const problems = yield* problemsOf("", flags)
      expect(problems).toHaveLength(1)
      expect(problems[0]).toContain(problem)
    })
  )
})
