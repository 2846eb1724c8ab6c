import { expect, test } from "vitest"
import { invariants } from "../../spec/journal/model/Invariants.ts"
import { journalActions, mutants } from "../../spec/journal/model/JournalSystem.ts"
import { obligations } from "../Systems.ts"
import { epochProtocol } from "./EpochProtocol.ts"
import { journalClaims, journalCounterparts, mutantsOfSpecOnly } from "./JournalLink.ts"
import { journalMutants } from "./JournalMutants.ts"

const sorted = (names: Iterable<string>): ReadonlyArray<string> => [...new Set(names)].toSorted()

test("every action that is explored has its counterpart in the proof, or a reason to have none", () => {
  expect(sorted(journalCounterparts.map(({ explored, guard }) => `${explored}: ${guard}`))).toEqual(
    sorted(journalActions.map(({ guard, name }) => `${name}: ${guard}`)),
  )
  expect(sorted(journalCounterparts.flatMap(({ proved }) => proved ?? []))).toEqual(
    sorted(epochProtocol.actions.map(({ name }) => name)),
  )
  expect(journalCounterparts.filter(({ note }) => note.length < 5)).toEqual([])
})

test("every invariant that is explored has obligations that prove it, or a reason to have none", () => {
  expect(sorted(journalClaims.map(({ explored }) => explored))).toEqual(
    sorted(invariants.map(({ name }) => name)),
  )
  const missing = journalClaims.flatMap(({ proved }) =>
    proved.filter((beginning) => !obligations.some(({ name }) => name.startsWith(beginning))),
  )
  expect(missing).toEqual([])
})

test("mutants have the names they have there, but for those one epoch knows nothing of, and one more", () => {
  const own = "promise below a promise"
  expect(sorted([...journalMutants.map(({ name }) => name), ...Object.keys(mutantsOfSpecOnly)])).toEqual(
    sorted([own, ...mutants.map(({ name }) => name)]),
  )
})
