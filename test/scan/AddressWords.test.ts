import * as fc from "fast-check"
import ipaddr from "ipaddr.js"
import { describe, expect, it } from "vitest"
import { networkText, networkWord, readAddress, sourceText } from "../../src/scan/AddressWords.ts"

const wordsOf = (address: string): ReadonlyArray<number> => {
  const words = new Int32Array(4)
  readAddress(address, words)
  return [...words].map((word) => word >>> 0)
}

const expected = (bytes: ReadonlyArray<number>): ReadonlyArray<number> => [
  ...new Uint32Array(new Uint8Array(bytes).buffer).map((_, index) => Buffer.from(bytes).readUInt32BE(4 * index))
]

describe("an address in words", () => {
  it("is the same as ipaddr.js reads, in every way to write it", () => {
    const octets = fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(octets, (bytes) => {
        const address = ipaddr.fromByteArray(bytes)
        if (!(address instanceof ipaddr.IPv6)) throw new Error("16 bytes are IPv6")
        for (const text of [address.toRFC5952String(), address.toNormalizedString(), address.toString()])
          expect(wordsOf(text), text).toEqual(expected(bytes))
        expect(wordsOf(`${address.toRFC5952String()}%em0`)).toEqual(expected(bytes))
        const four = bytes.slice(0, 4)
        expect(wordsOf(four.join("."))).toEqual([0, 0, 0, Buffer.from(four).readUInt32BE()])
      })
    )
    expect(wordsOf("64:ff9b::192.0.2.1")).toEqual([0x0064ff9b, 0, 0, 0xc0000201])
    expect(wordsOf("::")).toEqual([0, 0, 0, 0])
    expect(wordsOf("1:2:3:4:5:6:7:8")).toEqual([0x10002, 0x30004, 0x50006, 0x70008])
  })

  it("names the source and its network as people and fail2ban write them", () => {
    const low = 0xcb_00_71_09 | 0
    expect(sourceText(0, low)).toBe("203.0.113.9")
    expect(networkText(0, networkWord(0, low))).toBe("203.0.113.0/24")
    const high = 0x2001_0db8
    expect(sourceText(high, 0x0bad_0001)).toBe("2001:db8:bad:1::/64")
    expect(networkText(high, networkWord(high, 0x0bad_0001))).toBe("2001:db8:bad::/48")
    expect(sourceText(high, 0)).toBe("2001:db8::/64")
  })
})
