import type { Endpoint, PfLogEntry } from "../decode/PfLogEntry.ts"
import { jsonString } from "./Escape.ts"
import type { Format } from "./Format.ts"
import { makeUtcStamp } from "./Rfc3339.ts"

/** ECS's names of the directions; it has none for pf's `in/out` and `fwd`. */
const ecsDirections: Readonly<Record<string, string>> = { in: "inbound", out: "outbound" }

/** Members of an object with one more behind them, whose value is JSON already; none where there is no value. */
const withMember = (members: string, name: string, value: string | number | undefined): string => {
  if (value === undefined) return members
  return members === "" ? `"${name}":${value}` : `${members},"${name}":${value}`
}

/** A string as JSON; nothing where it is empty. */
const quoted = (text: string | undefined): string | undefined =>
  text === undefined || text === "" ? undefined : jsonString(text)

/** The same for text that needs no escaping by the decoder's rules: letters, digits and the points of addresses and flags. */
const plain = (text: string | undefined): string | undefined => (text === undefined ? undefined : `"${text}"`)

/** A member of the entry itself, an object; nothing where it is empty. */
const object = (name: string, members: string): string => (members === "" ? "" : `,"${name}":{${members}}`)

const event = (entry: PfLogEntry): string => {
  const action = withMember(`"kind":"event","category":["network"]`, "action", quoted(entry.action))
  return object("event", withMember(action, "reason", quoted(entry.reason)))
}

const network = (entry: PfLogEntry): string => {
  const direction = withMember("", "direction", plain(ecsDirections[entry.direction]))
  const type = withMember(direction, "type", plain(entry.family))
  return object("network", withMember(type, "transport", plain(entry.protocol)))
}

const observer = (entry: PfLogEntry): string => {
  if (entry.interface === "") return ""
  const side = entry.direction === "out" ? "egress" : "ingress"
  return `,"observer":{"${side}":{"interface":{"name":${jsonString(entry.interface)}}}}`
}

const rule = (entry: PfLogEntry): string => {
  const id = withMember("", "id", plain(entry.rule?.toString()))
  return object("rule", withMember(id, "ruleset", quoted(entry.ruleset)))
}

/** `{"ip":…,"port":…}`, without the scope of an address: ECS's type `ip` knows none. */
const endpoint = (name: string, endpoint: Endpoint | undefined): string => {
  if (endpoint === undefined) return ""
  const scope = endpoint.address.indexOf("%")
  const address = scope < 0 ? endpoint.address : endpoint.address.substring(0, scope)
  return object(name, withMember(`"ip":"${address}"`, "port", endpoint.port))
}

/** What only pf knows. */
const pf = (entry: PfLogEntry): string => {
  const rules = withMember(withMember("", "rule", entry.rule), "subrule", entry.subrule)
  const flags = withMember(rules, "tcp_flags", plain(entry.tcpFlags))
  const process = withMember(withMember(flags, "uid", entry.uid), "pid", entry.pid)
  return object("pf", withMember(process, "ridentifier", entry.ridentifier))
}

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
