import { expect, test } from "vitest"
import { journalMutants } from "../journal/model/JournalScopes.ts"
import { journalActions } from "../journal/model/JournalSystem.ts"
import { ringActions } from "../ring/model/RingActions.ts"
import { ringMutants } from "../ring/model/RingMutants.ts"
import { assumptions } from "./Assumptions.ts"

/** Everything that can happen in the ring's model, and what its rules forbid. */
const inRing = new Set([
  ...ringActions.map(({ name }) => name),
  ...ringMutants.map(({ name }) => `mutant ${name}`),
])

/** The same of the journal's model. */
const inJournal = new Set([
  ...journalActions.map(({ name }) => name),
  ...journalMutants.map(({ name }) => `mutant ${name}`),
])

test("assumptions have names of their own, and somebody who relies on them", () => {
  expect(new Set(assumptions.map(({ name }) => name)).size).toBe(assumptions.length)
  expect(assumptions.filter(({ reliedOnBy }) => reliedOnBy.length === 0)).toEqual([])
})

test("what breaks one in the ring is something that its model can do", () => {
  const named = assumptions.flatMap(({ brokenBy }) => brokenBy.ring)
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter((name) => !inRing.has(name))).toEqual([])
})

test("everything that the environment does to the ring breaks an assumption, or is only a loss of time", () => {
  const broken = new Set(assumptions.flatMap(({ brokenBy }) => brokenBy.ring))
  const harmless = ringActions.filter(({ name, by }) => by === "environment" && !broken.has(name))
  expect(harmless.map(({ name }) => name)).toEqual(["join"])
})

test("what breaks one in the journal is something that its model can do, or a rule of it forbids", () => {
  const named = assumptions.flatMap(({ brokenBy }) => brokenBy.journal)
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter((name) => !inJournal.has(name))).toEqual([])
})

test("everything else that the environment does to the journal is what it promises to bear", () => {
  const broken = new Set(assumptions.flatMap(({ brokenBy }) => brokenBy.journal))
  const borne = journalActions.filter(({ name, by }) => by === "environment" && !broken.has(name))
  expect(borne.map(({ name }) => name).toSorted()).toEqual([
    "expire",
    "hand-over",
    "join",
    "leave",
    "read",
    "restart",
  ])
})
