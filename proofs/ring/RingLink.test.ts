import { expect, test } from "vitest"
import { system } from "../../spec/ring/model/RingSystem.ts"
import type { RingOptions } from "../../spec/ring/model/RingOptions.ts"
import { ringRules } from "../../spec/ring/model/RingSystem.ts"
import { ringMutants as specMutants } from "../../spec/ring/model/RingMutants.ts"
import { ringMutants } from "./RingMutants.ts"
import { ringProtocol } from "./RingProtocol.ts"

const options: RingOptions = {
  rules: "ours",
  peers: 4,
  founders: [0, 1, 2],
  successors: 2,
  failures: 1,
  suspicions: 0,
}

test("the actions that are proved are those that are explored, but for what the ring is assumed to be spared", () => {
  const explored = ringRules(options).map(({ name }) => name)
  expect(
    ringProtocol(2)
      .actions.map(({ name }) => name)
      .toSorted(),
  ).toEqual(explored.filter((name) => name !== "suspect").toSorted())
})

test("what is inductive or follows is what is explored", () => {
  // Proved of the shape of the whole ring under the names of the claims of Zave, 2017; spec asks each of a snapshot.
  const proved = new Set([
    "OneLiveSuccessor", // RingProtocol
    "SufficientPrincipals", // RingProtocol
    "OrderedSuccessorLists", // listTheorems
    "AtMostOneRing", // shapeTheorems
    "AtLeastOneRing", // ConnectedAppendages: a principal reaches itself
    "PrincipalsOnRing", // ConnectedAppendages, of a principal
    "OrderedRing", // OneOrderedRing
    "ConnectedAppendages", // shapeTheorems
  ])
  expect(new Set(system(options).invariants.map(({ name }) => name))).toEqual(proved)
})

test("mutants have the names they have there, but for one that breaks no safety", () => {
  expect(ringMutants.map(({ name }) => name).toSorted()).toEqual(
    specMutants
      .map(({ name }) => name)
      .filter((name) => name !== "rectify-without-liveness")
      .toSorted(),
  )
})
