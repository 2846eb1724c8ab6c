import * as fc from "fast-check"
import { expect, test } from "vitest"
import { TokenBucket } from "./TokenBucket.ts"

test("whoever waits as told never gets more than a burst and what was refilled since", () => {
  const takings = fc.array(fc.record({ count: fc.nat(50), idle: fc.nat(3000) }), { maxLength: 30 })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 1000 }),
      takings,
      (most, rate, all) => {
        const bucket = new TokenBucket(most, rate, 1000)
        let now = 1000
        let taken = 0
        for (const { count, idle } of all) {
          now += idle
          now += bucket.until(0, now)
          expect(bucket.left(now)).toBeGreaterThan(-1e-6)
          expect(bucket.left(now)).toBeLessThanOrEqual(most)
          expect(taken).toBeLessThanOrEqual(most + ((now - 1000) * rate) / 1000 + 1e-6)
          bucket.take(count)
          taken += count
        }
      },
    ),
    { seed: 11 },
  )
})

test("it says how long until there are enough", () => {
  const bucket = new TokenBucket(10, 100, 0)
  bucket.take(15)
  expect(bucket.until(0, 0)).toBe(50)
  expect(bucket.until(5, 20)).toBe(80)
  expect(bucket.until(5, 200)).toBe(0)
})
