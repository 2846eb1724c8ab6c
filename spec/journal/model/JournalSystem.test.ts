import { expect, test } from "vitest"
import { explored } from "../../explorer/Explore.ts"
import { verdictOf } from "../../explorer/Report.ts"
import { invariants } from "./Invariants.ts"
import { sized } from "./JournalScopes.ts"
import { journalActions, system } from "./JournalSystem.ts"

test("each thing that may happen has a name of its own, a guard and an effect in words", () => {
  expect(new Set(journalActions.map(({ name }) => name)).size).toBe(journalActions.length)
  for (const { guard, effect } of journalActions)
    expect(Math.min(guard.length, effect.length)).toBeGreaterThan(5)
})

test("each invariant has a name of its own", () => {
  expect(new Set(invariants.map(({ name }) => name)).size).toBe(invariants.length)
})

/**
 * Before the request each member has answered the leader's first heartbeat or not: 4. After it also the entry: 16. And
 * where one of them has the entry it may be committed: 12.
 */
test("a request among three peers that nothing happens to is answered, in every order of messages", () => {
  const report = explored(system(sized({ goals: ["every request is answered"], witnesses: ["an answer"] })))
  expect([verdictOf(report), report.distinct]).toEqual(["holds", 32])
})
