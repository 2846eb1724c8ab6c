import fc from "fast-check"
import { expect, test } from "vitest"
import { between, inArc } from "./Arc.ts"
import { add, compare, distance, fromBigInt, fromHex, SIZE, toBigInt } from "./RingId.ts"

const value = fc.bigInt({ min: 0n, max: SIZE - 1n })

test("an id is its number: order, round trip and addition mod 2^160", () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(toBigInt(fromBigInt(a))).toBe(a)
      expect(compare(fromBigInt(a), fromBigInt(b))).toBe(a < b ? -1 : a > b ? 1 : 0)
      expect(toBigInt(add(fromBigInt(a), b))).toBe((a + b) % SIZE)
      expect((distance(fromBigInt(a), fromBigInt(b)) + a) % SIZE).toBe(b)
    }),
  )
})

test("between and inArc agree with clockwise distance", () => {
  const near = fc.oneof(value, fc.bigInt({ min: 0n, max: 5n }))
  fc.assert(
    fc.property(near, near, near, (a, x, b) => {
      const [ia, ix, ib] = [fromBigInt(a), fromBigInt(x), fromBigInt(b)]
      const span = ia === ib ? SIZE : distance(ia, ib)
      const offset = distance(ia, ix)
      expect(between(ia, ix, ib)).toBe(offset > 0n && offset < span)
      expect(inArc(ia, ix, ib)).toBe(ix === ib || (offset > 0n && offset < span))
    }),
  )
})

test("what is no id is refused by name", () => {
  expect(() => fromHex("ABC")).toThrow(/not a ring id: "ABC"/)
})
