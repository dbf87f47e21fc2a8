import { ipv4FromNumber, ipv6FromBytes } from "./Address.ts"
import type { Route } from "./PacketKinds.ts"
import type { Random } from "./Random.ts"

/**
 * A stranger's IPv4 address, from 20.0.0.0 to 99.255.255.255: no address that payloads and inner packets name
 * (198.18.0.0/15) is among them.
 */
export const strangerIpv4 = (random: Random): string => ipv4FromNumber(random.between(20 * 2 ** 24, 100 * 2 ** 24 - 1))

/** A stranger's IPv6 address in one of the shapes that are printed differently; never one of 2001:db8:bad::/48. */
export const strangerIpv6 = (random: Random): string => {
  const bytes = random.bytes(16)
  bytes.set([0x2a, 0x01])
  const shape = random.below(8)
  if (shape === 0) bytes.fill(0, 4, 15)
  if (shape === 1) bytes.fill(0, 8, 10)
  if (shape === 2) bytes.fill(0, 2, 16)
  if (shape === 3) bytes.set([0xfe, 0x80, 0, 0, 0, 0, 0, 0])
  // ::ffff:a.b.c.d, which tcpdump prints with dots.
  if (shape === 4) bytes.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 61])
  // A run of zeros in the middle, and a single zero that is not shortened.
  if (shape === 5) bytes.set([0, 0, 0, 0, 0, 0], 4)
  return ipv6FromBytes(bytes)
}

/** From a stranger to one of our hosts. */
export const inboundRoute = (random: Random, overIpv6: boolean): Route =>
  overIpv6
    ? { source: strangerIpv6(random), destination: random.pick(["2001:db8:10::10", "2001:db8:10::11"]) }
    : { source: strangerIpv4(random), destination: random.pick(["198.51.100.10", "198.51.100.11"]) }

/** From one of our hosts to a stranger. */
export const outboundRoute = (random: Random, overIpv6: boolean): Route => {
  const { source, destination } = inboundRoute(random, overIpv6)
  return { source: destination, destination: source }
}
