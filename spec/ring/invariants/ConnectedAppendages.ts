import { bestSuccessors, path, ringMembers } from "../Snapshot.ts"
import type { Claim } from "./Claim.ts"

/** Every member reaches a ring by best successors. Source: Zave, CCR 42(2), 2012, section 3. */
export const connectedAppendages: Claim = (snapshot) => {
  const best = bestSuccessors(snapshot)
  const ring = ringMembers(snapshot)
  for (const { id } of snapshot) {
    const met = path(best, id)
    if (!met.values().some((other) => ring.has(other))) return `${[...met].join(" -> ")} leads to no ring`
  }
  return undefined
}
