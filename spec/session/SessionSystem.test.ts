import { expect, test } from "vitest"
import { explored } from "../explorer/Explore.ts"
import { verdictOf } from "../explorer/Report.ts"
import { sessionActions } from "./SessionRules.ts"
import { mutants, scopes, system } from "./SessionSystem.ts"

test("each thing that may happen has a name of its own, a guard and an effect in words", () => {
  expect(new Set(sessionActions.map(({ name }) => name)).size).toBe(sessionActions.length)
  for (const { guard, effect } of sessionActions)
    expect(Math.min(guard.length, effect.length)).toBeGreaterThan(5)
})

test("two peers and two requests: whatever happens, what is promised holds, and every request stays answerable", () => {
  const [first] = scopes({})
  if (first === undefined) throw new Error("there is no scope")
  const report = explored(system(first.options))
  expect([verdictOf(report), report.unseen, report.distinct]).toEqual(["holds", [], 6026])
})

test.each(mutants.map((mutant) => [mutant.name, mutant.options] as const))("found: %s", (_, options) => {
  const report = explored(system(options), { states: 50_000 })
  expect(report.findings[0]?.kind).toBe("invariant")
})
