import { expect, test } from "vitest"
import { assumptions } from "../../spec/assumptions/Assumptions.ts"
import type { Mesh } from "../mesh/Mesh.ts"
import { LINK_VERBS, PROCESS_VERBS } from "../plan/Plan.ts"
import { linkDeed } from "./LinkKinds.ts"
import { type Peers, processDeed } from "./ProcessKinds.ts"

/** Nothing is done here: what a deed says of itself asks nobody. */
const mesh = { dialled: () => [] } as unknown as Mesh
const peers = {} as unknown as Peers

/** What each verb says that it breaks, "" for what the system promises to bear. */
const said = new Map<string, string>([
  ...PROCESS_VERBS.map((verb) => [verb, processDeed(peers, verb, [], {}).assumption] as const),
  ...LINK_VERBS.map((verb) => [verb, linkDeed(mesh, verb, 0, [], {}).assumption] as const),
])

/** The assumptions that the ledger says a verb may break. */
const ledger = (verb: string): ReadonlyArray<string> =>
  assumptions.filter(({ brokenBy }) => brokenBy.chaos.includes(verb)).map(({ name }) => name)

test("what a fault says that it breaks is in the ledger, and the ledger names that fault there", () => {
  const amiss = [...said].filter(
    ([verb, assumption]) => assumption !== "" && !ledger(verb).includes(assumption),
  )
  expect(amiss).toEqual([])
  expect([...said.values()].filter((assumption) => assumption !== "").length).toBeGreaterThan(5)
})

test("the ledger names no fault that there is not", () => {
  const named = assumptions.flatMap(({ brokenBy }) => brokenBy.chaos)
  expect(named.filter((verb) => !said.has(verb))).toEqual([])
})

test("each fault is in the ledger, but for those that undo others", () => {
  expect([...said.keys()].filter((verb) => ledger(verb).length === 0).toSorted()).toEqual([
    "heal",
    "join",
    "restart",
    "resume",
  ])
})

test("what breaks an assumption by the ledger says so itself, unless the system bears one of it at a time", () => {
  const silent = [...said].filter(([verb, assumption]) => assumption === "" && ledger(verb).length > 0)
  expect(silent.map(([verb]) => verb).toSorted()).toEqual(["leave", "reset", "slice", "tear", "wipe"])
})
