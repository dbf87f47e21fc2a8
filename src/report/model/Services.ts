/** Reads /etc/services: the name of a port, by `tcp/22`. The first name counts. */
export const parseServices = (text: string): ReadonlyMap<string, string> => {
  const names = new Map<string, string>()
  for (const line of text.split("\n")) {
    const [, name, port, protocol] = /^([\w.+*-]{1,40})[ \t]+(\d{1,5})\/(\w{1,12})(?:[\s#]|$)/.exec(line) ?? []
    if (name === undefined) continue
    const key = `${protocol}/${Number(port)}`
    if (!names.has(key)) names.set(key, name)
  }
  return names
}
