import fc from "fast-check"
import { expect, test } from "vitest"
import { HeldSends } from "./HeldSends.ts"

/** Persists, sends that rest on all persists so far, and completed flushes, as a driver meets them. */
const steps = fc.array(fc.constantFrom("persist", "send", "flush one", "flush all"), { maxLength: 60 })

test("nothing leaves before the writes it rests on, everything leaves once, and in order", () => {
  fc.assert(
    fc.property(steps, (script) => {
      let issued = 0
      let durable = 0
      let next = 0
      const left: Array<number> = []
      const restsOn: Array<number> = []
      const held = new HeldSends<number>((send) => {
        expect(restsOn[send]).toBeLessThanOrEqual(durable)
        left.push(send)
      })
      const flush = (upTo: number): void => {
        durable = upTo
        held.release(upTo)
        expect(left).toEqual(restsOn.flatMap((after, send) => (after <= durable ? [send] : [])))
      }
      for (const step of script) {
        if (step === "persist") issued++
        else if (step === "flush all") flush(issued)
        else if (step === "flush one") flush(Math.min(issued, durable + 1))
        else {
          restsOn.push(issued)
          held.add(next++, issued)
        }
      }
      flush(issued)
      expect(left).toHaveLength(next)
    }),
    { seed: 11 },
  )
})

test("what is sent while held sends leave goes behind them", () => {
  const left: Array<string> = []
  const held = new HeldSends<string>((send) => {
    left.push(send)
    if (send === "first") held.add("answer", 1)
  })
  held.add("first", 1)
  held.add("second", 2)
  held.release(1)
  expect(left).toEqual(["first"])
  held.release(2)
  expect(left).toEqual(["first", "second", "answer"])
})
