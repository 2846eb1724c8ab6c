import { expect, test } from "vitest"
import { parseEvents } from "./RingEvent.ts"

test("a list is read word by word, FL not for F", () => {
  expect(parseEvents("J3 FL12 F0")).toEqual([
    { kind: "J", at: 3 },
    { kind: "FL", at: 12 },
    { kind: "F", at: 0 },
  ])
})

test.each(["X1", "J", "J3  S0", ""])("%j is no list of events", (text) => {
  expect(() => parseEvents(text)).toThrow(/not an event: ".*"; expected a letter and an id/)
})
