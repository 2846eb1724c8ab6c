import fc from "fast-check"
import { expect, test } from "vitest"
import { rankFingers } from "./RankFingers.ts"

test("finger[k] is 2^k places ahead, ceil(log2 N) of them, none of them the peer itself", () => {
  const place = fc
    .integer({ min: 1, max: 300 })
    .chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)))
  fc.assert(
    fc.property(place, ([size, self]) => {
      const fingers = rankFingers([...Array(size).keys()], self)
      expect(fingers).toEqual(fingers.map((_, k) => (self + 2 ** k) % size))
      expect(fingers).toHaveLength(Math.ceil(Math.log2(size)))
      expect(fingers).not.toContain(self)
    }),
  )
})

test("finger[k] is finger[k-1]'s own finger[k-1], so that one message refreshes it", () => {
  const peers = [...Array(100).keys()]
  for (const self of peers) {
    const fingers = rankFingers(peers, self)
    for (const [k, finger] of fingers.entries()) {
      expect(rankFingers(peers, finger)[k]).toBe(fingers[k + 1] ?? (self + 2 ** (k + 1)) % 100)
    }
  }
})
