/** The gateway that `route -n get default` of a BSD or of macOS names. */
export const routeGateways = (text: string): ReadonlyArray<string> => firstGroups(text, /^\s*gateway: (\S+)/gm)

/** The gateways of all default routes in `netstat -rn`: of several paths, `route` names only one. */
export const netstatGateways = (text: string): ReadonlyArray<string> =>
  firstGroups(text, /^(?:default|0\.0\.0\.0\/0|::\/0)\s+(\S+)/gm)

/** The gateways of `ip route show default`, which puts each of several paths on a line of its own. */
export const ipGateways = (text: string): ReadonlyArray<string> => firstGroups(text, /\bvia (?:inet6? )?(\S+)/g)

const firstGroups = (text: string, pattern: RegExp): ReadonlyArray<string> =>
  [...text.matchAll(pattern)].map(([, group = ""]) => group)
