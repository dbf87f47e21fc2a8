import type { Endpoint, PfLogEntry } from "../decode/PfLogEntry.ts"
import { jsonString } from "./Escape.ts"
import type { Format } from "./Format.ts"
import { makeUtcStamp } from "./Rfc3339.ts"

/** ECS's names of the directions; it has none for pf's `in/out` and `fwd`. */
const ecsDirections: Readonly<Record<string, string>> = { in: "inbound", out: "outbound" }

/** A member of an object, with its comma; nothing where there is no value. */
const string = (name: string, value: string | undefined): string =>
  value === undefined || value === "" ? "" : `,"${name}":${jsonString(value)}`

const number = (name: string, value: number | undefined): string => (value === undefined ? "" : `,"${name}":${value}`)

/** An object of members as the functions above write them; nothing where there is none. */
const object = (name: string, members: string): string => (members === "" ? "" : `,"${name}":{${members.substring(1)}}`)

/** `{"ip":…,"port":…}`, without the scope of an address: ECS's type `ip` knows none. */
const endpoint = (name: string, endpoint: Endpoint | undefined): string => {
  if (endpoint === undefined) return ""
  const scope = endpoint.address.indexOf("%")
  const address = scope < 0 ? endpoint.address : endpoint.address.substring(0, scope)
  return object(name, string("ip", address) + number("port", endpoint.port))
}

const observer = (entry: PfLogEntry): string => {
  const side = entry.direction === "out" ? "egress" : "ingress"
  return object("observer", object(side, object("interface", string("name", entry.interface))))
}

const event = (entry: PfLogEntry): string =>
  `,"event":{"kind":"event","category":["network"]${string("action", entry.action)}${string("reason", entry.reason)}}`

const network = (entry: PfLogEntry): string =>
  object(
    "network",
    string("direction", ecsDirections[entry.direction]) +
      string("type", entry.family) +
      string("transport", entry.protocol)
  )

const rule = (entry: PfLogEntry): string =>
  object("rule", string("id", entry.rule?.toString()) + string("ruleset", entry.ruleset))

/** What pf alone knows. */
const pf = (entry: PfLogEntry): string =>
  object(
    "pf",
    number("rule", entry.rule) +
      number("subrule", entry.subrule) +
      string("tcp_flags", entry.tcpFlags) +
      number("uid", entry.uid) +
      number("pid", entry.pid) +
      number("ridentifier", entry.ridentifier)
  )

/**
 * Makes the format `json`: one object a line, its fields those of the Elastic Common Schema where it has one. What has no
 * value is left out.
 *
 * @see https://www.elastic.co/docs/reference/ecs
 */
export const makeJsonFormat = (): Format => {
  const stamp = makeUtcStamp()
  return {
    entry: (entry, readAt) =>
      `{"@timestamp":"${stamp(entry.time ?? readAt)}"${event(entry)}${network(entry)}${observer(entry)}${rule(entry)}${endpoint("source", entry.source)}${endpoint("destination", entry.destination)}${pf(entry)}}\n`,
    notice: (notice) =>
      `{"@timestamp":"${stamp(notice.time)}","log":{"level":"${notice.level}"},"process":{"name":"${notice.process}","pid":${notice.pid}},"message":${jsonString(notice.message)}}\n`
  }
}
