import fc from "fast-check"
import { expect, test } from "vitest"
import { nextDue } from "./NextDue.ts"

const seed = 20_261_130
const AFTER_MS = 100

test("ticks that are never an interval late keep to the clock; one that is sets it anew", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3 * AFTER_MS), { minLength: 1, maxLength: 30 }), (delays) => {
      let due = nextDue(null, 0, AFTER_MS)
      let began = due
      let count = 0
      for (const delay of delays) {
        const now = due + delay
        const next = nextDue(due, now, AFTER_MS)
        // Never at once, never further off than an interval.
        expect(next).toBeGreaterThan(now)
        expect(next).toBeLessThanOrEqual(now + AFTER_MS)
        if (delay < AFTER_MS) count++
        else [began, count] = [next, 0]
        expect(next).toBe(began + count * AFTER_MS)
        due = next
      }
    }),
    { seed },
  )
})
