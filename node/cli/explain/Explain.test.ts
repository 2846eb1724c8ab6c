import { expect, test } from "vitest"
import { CONTRACT, GAP } from "./Contract.ts"
import { writeExplanation } from "./Explain.ts"

const limits = {
  sessionEntries: 500,
  sessionBytes: 2 * 2 ** 20,
  sessionIdleMs: 90 * 60_000,
  bodyBytes: 65_536,
  answerMs: 5_000,
}

/** Without line breaks and columns. */
const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

test("every clause, the gap and the limits in force are there, in lines that fit", () => {
  const text = writeExplanation({ mode: "replay", contract: CONTRACT, limits, source: "ring", gap: GAP })
  for (const { about, replay, stateless } of CONTRACT) {
    for (const word of `${about} ${replay} ${stateless}`.split(" ")) expect(words(text)).toContain(word)
  }
  expect(text.split("\n").every((line) => line.length <= 100)).toBe(true)
  expect(text).toMatch(/REPLAY \(this ring\)/)
  expect(text).toMatch(/STATELESS /)
  expect(text).toContain("Limits of the mode replay, in force in this ring:")
  expect(text).toMatch(/session +500 requests \(--session-entries\) or 2 MiB/)
  expect(text).toMatch(/silence +90 min/)
  expect(text.replaceAll(/\s+/g, " ").endsWith(`Not promised: ${GAP}`)).toBe(true)
})

test("without a ring they are the defaults, and no mode is this ring's", () => {
  const text = writeExplanation({ mode: null, contract: CONTRACT, limits, source: "defaults", gap: GAP })
  expect(text).toContain("Limits of the mode replay, by default:")
  expect(text).not.toContain("this ring")
})
