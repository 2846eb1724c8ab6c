import { expect, test } from "vitest"
import { validHistory } from "../check/testing/Histories.ts"
import { callsOf } from "./Call.ts"
import { linesOf, readHistory } from "./HistoryFile.ts"

const history = validHistory({
  seed: 5,
  workload: "cart",
  clients: 2,
  processes: 2,
  calls: 20,
  lost: 0.1,
  refused: 0.1,
})

test("a history that was written is read as it was, and one that was cut off but for its last line", () => {
  const text = linesOf(history)
  expect(readHistory(text)).toEqual(history)
  expect(readHistory(text.slice(0, -5))).toEqual(history.slice(0, -1))
})

test.each([
  ["no JSON", (text: string) => text.replace("{", "<"), /line 1 is no JSON/],
  [
    "a line that is missing",
    (text: string) => text.slice(text.indexOf("\n") + 1),
    /line 1: expected index 0, got 1/,
  ],
  [
    "another type",
    (text: string) => text.replace('"invoke"', '"begin"'),
    /line 1: expected type to be one of/,
  ],
  ["another verb", (text: string) => text.replace('"f":"', '"f":"x'), /line 1: expected f to be one of/],
])("refused: %s", (_, change, message) => {
  expect(() => readHistory(change(linesOf(history)))).toThrow(message)
})

test("who ends what was not begun, or does two things at once, is refused", () => {
  expect(() => callsOf(history.slice(1))).toThrow(/which it has not begun/)
  const [first] = history
  if (first === undefined) throw new Error("the history is empty")
  expect(() => callsOf([first, { ...first, index: 1 }])).toThrow(/line 1: process .* before line 0/)
})
