import fc from "fast-check"
import { expect, test } from "vitest"
import { BITS, fromBigInt, SIZE, toBigInt } from "../ring/RingId.ts"
import { idFingers } from "./IdFingers.ts"
import { contactAt, ownerAmong } from "./SettledRing.samples.ts"

const value = fc.oneof(fc.bigInt({ min: 0n, max: SIZE - 1n }), fc.bigInt({ min: 0n, max: 500n }))
const values = fc.uniqueArray(value, { minLength: 1, maxLength: 40 })

test("the fingers are the owners of self + 2^k, each once, clockwise, without the peer itself", () => {
  fc.assert(
    fc.property(values, fc.nat(), (ids, pick) => {
      const peers = ids.map(fromBigInt).toSorted().map(contactAt)
      const self = peers[pick % peers.length]
      if (self === undefined) throw new Error("an empty ring")
      const targets = Array.from({ length: BITS }, (_, k) =>
        fromBigInt(toBigInt(self.id) + (1n << BigInt(k))),
      )
      const owners = new Set(targets.map((target) => ownerAmong(peers, target)))
      owners.delete(self)
      expect(idFingers(peers, pick % peers.length)).toEqual([...owners])
    }),
  )
})

test("a place outside the ring has no fingers", () => {
  expect(idFingers([], 0)).toEqual([])
})
