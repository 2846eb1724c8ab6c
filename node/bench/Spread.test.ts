import fc from "fast-check"
import { expect, test } from "vitest"
import { ratiosOf, spreadOf } from "./Spread.ts"

const value = fc.double({ min: 0.001, max: 1e9, noNaN: true })
const values = fc.array(value, { minLength: 1, maxLength: 50 })

test("median and quartiles are those of the sorted values, in any order of the samples", () => {
  expect(spreadOf([3])).toEqual({ q1: 3, median: 3, q3: 3, worst: 3 })
  expect(spreadOf([4, 1, 2, 3])).toEqual({ q1: 1.75, median: 2.5, q3: 3.25, worst: 4 })
  fc.assert(
    fc.property(values, (samples) => {
      const { q1, median, q3, worst } = spreadOf(samples)
      expect([q1, median, q3, worst]).toEqual([q1, median, q3, worst].toSorted((a, b) => a - b))
      expect(samples.filter((one) => one < median).length * 2).toBeLessThanOrEqual(samples.length)
      expect(samples.filter((one) => one > median).length * 2).toBeLessThanOrEqual(samples.length)
      expect(worst).toBe(Math.max(...samples))
      expect(spreadOf(samples.toReversed())).toEqual({ q1, median, q3, worst })
    }),
  )
})

test("ratios are taken round by round: what slows one round down for all does not show", () => {
  fc.assert(
    fc.property(
      values,
      fc.integer({ min: 2, max: 9 }),
      fc.integer({ min: 2, max: 64 }),
      (rounds, times, load) => {
        const reference = rounds.map((one, round) => (round % 2 === 0 ? one * load : one))
        const samples = reference.map((one) => one * times)
        for (const ratio of ratiosOf(samples, reference)) expect(ratio).toBeCloseTo(times, 6)
      },
    ),
  )
})

test("samples of other rounds are compared with the median of the reference", () => {
  expect(ratiosOf([2, 4], [1, 2, 30])).toEqual([1, 2])
})

test("no samples are refused", () => {
  expect(() => spreadOf([])).toThrow(/no samples/)
})
