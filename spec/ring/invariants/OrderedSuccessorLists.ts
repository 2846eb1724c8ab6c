import { between } from "../Snapshot.ts"
import type { FlightClaim } from "./Claim.ts"

/**
 * A member and its list are all different and in the order of the ring, and so with every list on its way to one.
 * Source: Zave, TSE 43(12), 2017, section 5 (NoDuplicates and OrderedSuccessorLists); ring.md, Invariant.
 */
export const orderedSuccessorLists: FlightClaim = (snapshot, inFlight = []) => {
  for (const { id, successors } of [...snapshot, ...inFlight]) {
    for (const [i, entry] of successors.entries()) {
      const before = successors[i - 1] ?? id
      if (entry === id || (before !== id && !between(before, entry, id)))
        return `${id} lists ${successors.join(", ")}, out of order at ${entry}`
    }
  }
  return undefined
}
