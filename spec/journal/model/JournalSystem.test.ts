import { expect, test } from "vitest"
import { explored } from "../../explorer/Explore.ts"
import { verdictOf } from "../../explorer/Report.ts"
import { invariants } from "./Invariants.ts"
import { journalMutants, sized } from "./JournalScopes.ts"
import { journalActions, system } from "./JournalSystem.ts"

test("each thing that may happen has a name of its own, a guard and an effect in words", () => {
  expect(new Set(journalActions.map(({ name }) => name)).size).toBe(journalActions.length)
  for (const { guard, effect } of journalActions)
    expect(Math.min(guard.length, effect.length)).toBeGreaterThan(5)
})

test("each invariant has a name of its own", () => {
  expect(new Set(invariants.map(({ name }) => name)).size).toBe(invariants.length)
})

/** Before the request: 1. After it each member has the entry or not: 4. And where one of them has, it may be committed: 3. */
test("a request among three peers that nothing happens to is answered, in every order of messages", () => {
  const report = explored(system(sized({ goals: ["every request is answered"], witnesses: ["an answer"] })))
  expect([verdictOf(report), report.distinct]).toEqual(["holds", 8])
})

test("one false suspicion among three peers, and a request: it costs a change of view, nothing else", () => {
  const report = explored(
    system(sized({ budget: { suspicions: 1 }, witnesses: ["an answer", "a takeover", "a divergent log"] })),
  )
  expect([verdictOf(report), report.unseen, report.distinct]).toEqual(["holds", [], 12_072])
})

/** Those that take no more than some thousand states; all of them are found by a longer test. */
const soon = new Set([
  "acknowledge while sealed",
  "acknowledge empty heartbeats while sealed",
  "a sealed leader that counts itself",
  "duplicates looked up among committed entries only",
  "no barrier",
  "append after the fast path",
  "a read that ignores commit",
  "acknowledge before the flush",
  "send before the flush",
])

test.each(
  journalMutants.filter(({ name }) => soon.has(name)).map(({ name, options }) => [name, options] as const),
)("found: %s", (_, options) => {
  const report = explored(system(options), { states: 20_000 })
  expect(report.findings[0]?.kind).toBe("invariant")
})
