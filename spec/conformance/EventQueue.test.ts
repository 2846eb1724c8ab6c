import fc from "fast-check"
import { expect, test } from "vitest"
import { eventQueue } from "./EventQueue.ts"

test("events come in the order of their moments, those of one moment in the order they were put in", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.nat(20), (moments, until) => {
      const queue = eventQueue<number>()
      for (const [i, at] of moments.entries()) queue.push(at, i)
      const due = moments.map((at, what) => ({ at, what })).filter(({ at }) => at <= until)
      const taken = due
        .map(() => queue.popUntil(until))
        .map((event) => ({ at: event?.at, what: event?.what }))
      expect(taken).toEqual(due.toSorted((a, b) => a.at - b.at))
      expect(queue.popUntil(until)).toBeUndefined()
      expect(queue.size()).toBe(moments.length - due.length)
    }),
  )
})
