/** What databases tell of addresses. */
export interface Geo {
  readonly country: ((address: string) => string | undefined) | undefined
  readonly as: ((address: string) => string | undefined) | undefined
}

/** A record of a database, of whatever provider: everything in it may be missing or something else. */
type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? { ...value } : {})

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined)

/**
 * The country in a record, by its two letters: `country.iso_code` (MaxMind, DB-IP), `country_code` (IPinfo, IPLocate), or
 * `country` (IPinfo's older files).
 */
export const countryIn = (record: unknown): string | undefined => {
  const fields = fieldsOf(record)
  return (
    textOf(fieldsOf(fields["country"])["iso_code"]) ??
    textOf(fields["country_code"]) ??
    textOf(fields["country"]) ??
    textOf(fieldsOf(fields["registered_country"])["iso_code"])
  )
}

/**
 * The autonomous system in a record, `AS64500 Example Net`: `autonomous_system_number` and `autonomous_system_organization`
 * (MaxMind, DB-IP), or `asn` with `as_name`, `name`, `org` (IPinfo, IPLocate).
 */
export const asIn = (record: unknown): string | undefined => {
  const fields = fieldsOf(record)
  const number = fields["autonomous_system_number"] ?? fields["asn"]
  if (typeof number !== "number" && typeof number !== "string") return undefined
  const name =
    textOf(fields["autonomous_system_organization"]) ??
    textOf(fields["as_name"]) ??
    textOf(fields["name"]) ??
    textOf(fields["org"])
  const text = String(number).replace(/^AS/i, "")
  return name === undefined ? `AS${text}` : `AS${text} ${name}`
}
