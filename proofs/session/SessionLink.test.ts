import { expect, test } from "vitest"
import { sessionActions } from "../../spec/session/SessionRules.ts"
import { mutants, scopes, system } from "../../spec/session/SessionSystem.ts"
import { obligations } from "../Systems.ts"
import { sessionProtocol } from "./Session.ts"
import {
  mutantsOfProofOnly,
  mutantsOfSpecOnly,
  otherActions,
  sessionClaims,
  sessionCounterparts,
} from "./SessionLink.ts"
import { sessionMutants } from "./SessionMutants.ts"

const sorted = (names: Iterable<string>): ReadonlyArray<string> => [...new Set(names)].toSorted()

test("every action that is explored has its counterpart in the proof, or a reason to have none", () => {
  expect(sorted(sessionCounterparts.map(({ explored, guard }) => `${explored}: ${guard}`))).toEqual(
    sorted(sessionActions.map(({ guard, name }) => `${name}: ${guard}`)),
  )
  expect(sorted([...sessionCounterparts.flatMap(({ proved }) => proved ?? []), ...otherActions])).toEqual(
    sorted(sessionProtocol.actions.map(({ name }) => name)),
  )
  for (const name of otherActions)
    expect(sessionCounterparts.some(({ note }) => note.includes(name))).toBe(true)
})

test("every invariant that is explored has obligations that prove it, or a reason to have none", () => {
  const [scope] = scopes({})
  const explored = scope === undefined ? [] : system(scope.options).invariants.map(({ name }) => name)
  expect(sorted(sessionClaims.map((claim) => claim.explored))).toEqual(sorted(explored))
  const missing = sessionClaims.flatMap(({ proved }) =>
    proved.filter((beginning) => !obligations.some(({ name }) => name.startsWith(beginning))),
  )
  expect(missing).toEqual([])
})

test("mutants have the names they have there, but for those of one side only", () => {
  expect(sorted([...sessionMutants.map(({ name }) => name), ...Object.keys(mutantsOfSpecOnly)])).toEqual(
    sorted([...mutants.map(({ name }) => name), ...Object.keys(mutantsOfProofOnly)]),
  )
})
