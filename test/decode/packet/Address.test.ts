import * as fc from "fast-check"
import ipaddr from "ipaddr.js"
import { describe, expect, it } from "vitest"
import { ipv4Text, ipv6Text } from "../../../src/decode/packet/Address.ts"

const viewOf = (bytes: ReadonlyArray<number>): DataView => new DataView(Uint8Array.from(bytes).buffer)

/** An address in groups of hex digits only: ipaddr.js takes `::1.2.3.4` for `::ffff:1.2.3.4`. */
const withoutDots = (text: string): string =>
  text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...octets: ReadonlyArray<string>) => {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })

/** Groups of which many are zero, so that runs of zeros of all lengths come up. */
const groups = fc.array(fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff })), {
  minLength: 8,
  maxLength: 8
})

describe("ipv4Text", () => {
  it("writes any four bytes as dotted decimals", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
        expect(ipv4Text(viewOf([...bytes]), 0)).toBe(bytes.join("."))
      })
    )
  })
})

describe("ipv6Text", () => {
  it("writes any address as RFC 5952 asks, IPv4 within it apart", () => {
    fc.assert(
      fc.property(groups, (parts) => {
        const address = new ipaddr.IPv6(parts)
        const text = ipv6Text(viewOf(address.toByteArray()), 0)
        expect(ipaddr.IPv6.parse(withoutDots(text)).toNormalizedString()).toBe(address.toNormalizedString())
        if (!text.includes(".")) expect(text).toBe(address.toRFC5952String())
      }),
      { numRuns: 2000 }
    )
  })

  it.each([
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["0:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
    ["0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"],
    ["64:ff9b:0:0:0:0:c000:201", "64:ff9b::c000:201"],
    ["0:0:0:0:0:ffff:3d13:ae90", "::ffff:61.19.174.144"],
    ["0:0:0:0:0:0:102:304", "::1.2.3.4"],
    ["0:0:0:0:ffff:0:102:304", "::ffff:0:102:304"]
  ])("writes %s as %s", (groupsOfAddress, text) => {
    expect(ipv6Text(viewOf(ipaddr.IPv6.parse(groupsOfAddress).toByteArray()), 0)).toBe(text)
  })
})
