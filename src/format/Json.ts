import type { Format } from "./Format.ts"
/** stub */
export const makeJsonFormat = (): Format => ({
  entry: (e, r) => `${new Date((e.time ?? r) / 1000).toISOString()} ${e.text}\n`,
  notice: (n) => `${new Date(n.time / 1000).toISOString()} ${n.process}[${n.pid}]: ${n.message}\n`
})
