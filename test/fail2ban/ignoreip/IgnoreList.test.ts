import { describe, expect, it } from "vitest"
import { IgnoreList } from "../../../src/fail2ban/ignoreip/IgnoreList.ts"

describe("the ignoreip of a jail", () => {
  it("covers addresses and networks with a length, a mask or brackets, as fail2ban reads them", () => {
    const list = new IgnoreList(["192.0.2.1", "198.51.100.0/24", "203.0.113.0/255.255.255.0", "[2001:db8::1]"])
    const covered = ["192.0.2.1", "198.51.100.9", "203.0.113.66", "2001:db8::1"]
    expect(covered.filter((address) => !list.has(address))).toEqual([])
    expect(["192.0.2.2", "198.51.101.1", "203.0.114.1", "2001:db8::2"].filter((address) => list.has(address))).toEqual(
      []
    )
  })

  it("covers nothing by a name, or by an entry that fail2ban cannot read", () => {
    const list = new IgnoreList(["192.0.2", "192.168.0/24", "host.example.net", "fe80::1%em0"])
    expect(["192.0.2.1", "192.168.0.1", "fe80::1"].filter((address) => list.has(address))).toEqual([])
  })
})
