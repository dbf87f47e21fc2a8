import { networkAround, parseAddress } from "../../host/neverban/Network.ts"

/** The /24 or /64 that an address is in; nothing of what is no address. */
export const networkOf = (address: string): string | undefined => {
  const parsed = parseAddress(address)
  return parsed === undefined ? undefined : networkAround(parsed, address.includes(":") ? 64 : 24).text
}
