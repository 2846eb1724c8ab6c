import fc from "fast-check"
import { expect, test } from "vitest"
import { joinAddress, splitAddress } from "./HostPort.ts"

test("an address is taken apart and put together again", () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain())
  fc.assert(
    fc.property(host, fc.nat(65_535), (name, port) => {
      expect(splitAddress(joinAddress(name, port))).toEqual({ host: name, port })
    }),
    { seed: 20_260_801 },
  )
})

test.each(["", "a", ":1", "a:", "a:x", "a:70000", "a:-1", "a:1.5"])("no address: %j", (address) => {
  expect(() => splitAddress(address)).toThrow(
    `not an address: ${JSON.stringify(address)}; expected host:port`,
  )
})
