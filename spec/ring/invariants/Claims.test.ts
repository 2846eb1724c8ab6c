import fc from "fast-check"
import { expect, test } from "vitest"
import type { Snapshot } from "../Snapshot.ts"
import { atLeastOneRing } from "./AtLeastOneRing.ts"
import { atMostOneRing } from "./AtMostOneRing.ts"
import type { Claim } from "./Claim.ts"
import { connectedAppendages } from "./ConnectedAppendages.ts"
import { oneLiveSuccessor } from "./OneLiveSuccessor.ts"
import { orderedAppendages } from "./OrderedAppendages.ts"
import { orderedMerges } from "./OrderedMerges.ts"
import { orderedRing } from "./OrderedRing.ts"
import { sufficientPrincipals } from "./SufficientPrincipals.ts"
import { validSuccessorList } from "./ValidSuccessorList.ts"

/** Members by their lists, the member first: `[0, 2, 4]` is 0 with successors 2 and 4. */
const network = (...lists: ReadonlyArray<readonly [number, ...ReadonlyArray<number>]>): Snapshot =>
  lists.map(([id, ...successors]) => ({ id, successors, predecessor: null }))

const rows: ReadonlyArray<readonly [string, Claim, Snapshot, string]> = [
  ["at least one ring", atLeastOneRing, network([0, 1], [2, 1]), "none of 0, 2 reaches itself"],
  [
    "at most one ring",
    atMostOneRing,
    network([0, 2], [1, 3], [2, 0], [3, 1]),
    "two rings: 0 -> 2 and 1 -> 3",
  ],
  [
    "ordered ring",
    orderedRing,
    network([0, 2], [1, 0], [2, 1]),
    "1 is on the ring, and between 0 and its successor 2",
  ],
  ["connected appendages", connectedAppendages, network([0, 0], [1, 3, 4], [2, 1]), "1 leads to no ring"],
  [
    "one live successor",
    oneLiveSuccessor,
    network([0, 0], [1, 3, 4]),
    "all of 3, 4, the successors of 1, are dead",
  ],
  [
    "ordered appendages",
    orderedAppendages,
    network([0, 4], [4, 0], [1, 3], [3, 2], [2, 4]),
    "1 -> 3 -> 2 -> 4 passes 2 between 1 and 3",
  ],
  [
    "ordered merges",
    orderedMerges,
    network([0, 2], [2, 4], [4, 0], [1, 4]),
    "appendage 1 meets the ring at 4, beyond ring member 2",
  ],
  [
    "valid successor list",
    validSuccessorList,
    network([0, 1, 3], [1, 2, 0], [2, 3, 0], [3, 0, 1]),
    "1 skips 3, which its antecedent 0 lists",
  ],
]

test.each(rows)("%s: a network that breaks it", (_, claim, snapshot, problem) => {
  expect(claim(snapshot)).toBe(problem)
})

test("sufficient principals: those that a list passes over do not count", () => {
  const joined = network([0, 2, 4], [1, 2, 4], [2, 4, 0], [4, 0, 2])
  expect(sufficientPrincipals(2)(joined)).toBeUndefined()
  const passedOver = network([0, 3, 0], [1, 2, 3], [2, 3, 0], [3, 0, 3])
  expect(sufficientPrincipals(2)(passedOver)).toBe("only 2 principals (0, 3), fewer than L + 1 = 3")
})

test("an ideal ring keeps them all", () => {
  const everything = [...rows.map(([, claim]) => claim), sufficientPrincipals(0)]
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 12 }), fc.integer({ min: 1, max: 3 }), (size, length) => {
      const ring = Array.from({ length: size }, (_, id) => ({
        id,
        successors: Array.from({ length }, (__, i) => (id + 1 + i) % size),
        predecessor: (id - 1 + size) % size,
      }))
      expect(everything.map((claim) => claim(ring)).filter((problem) => problem !== undefined)).toEqual([])
    }),
  )
})

test("an appendage beside the ring breaks none that the ring needs", () => {
  const joined = network([0, 2, 4], [2, 4, 0], [4, 0, 2], [3, 4, 0])
  const needed = [atLeastOneRing, atMostOneRing, orderedRing, connectedAppendages, oneLiveSuccessor]
  expect(needed.map((claim) => claim(joined))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
