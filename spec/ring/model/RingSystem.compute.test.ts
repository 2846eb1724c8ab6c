import { describe, expect, test } from "vitest"
import { explored } from "../../explorer/Explore.ts"
import { verdictOf } from "../../explorer/Report.ts"
import { mutants, scopes, system } from "./RingSystem.ts"

test.each(scopes({}))("nothing is found wrong with $name", ({ options }) => {
  expect(verdictOf(explored(system(options)))).toBe("holds")
})

/** What must find each mutant. */
const killers: Readonly<Record<string, string>> = {
  "suspect-first-successor": "SufficientPrincipals",
  "splice-tail": "SufficientPrincipals",
  "rectify-without-liveness": "Ideal",
  "join-without-between": "SufficientPrincipals",
  "adopt-unasked": "OneLiveSuccessor",
  "hear-without-between": "SufficientPrincipals",
  "fail-beyond-assumption": "SufficientPrincipals",
  "fail-ignores-flights": "OneLiveSuccessor",
}

describe("a broken rule is found", () => {
  test.each(mutants)("$name: $about", ({ name, options }) => {
    expect(explored(system(options)).findings[0]?.name).toBe(killers[name])
  })

  test("and so is every other", () => {
    expect(mutants.map(({ name }) => name).toSorted()).toEqual(Object.keys(killers).toSorted())
  })
})
