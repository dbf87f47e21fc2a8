import * as Duration from "effect/Duration"
import type { Configuration } from "./Configuration.ts"

/** The scan detector's rules as the configuration has them: times in milliseconds. */
export const scanRules = ({ ports, within, remind, sources, hosts, networkPorts }: Configuration["scan"]) => ({
  ports,
  within: Duration.toMillis(within),
  remind: Duration.toMillis(remind),
  sources,
  hosts,
  networkPorts
})
