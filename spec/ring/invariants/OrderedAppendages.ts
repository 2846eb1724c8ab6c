import { bestSuccessors, between, path, ringMembers } from "../Snapshot.ts"
import type { Claim } from "./Claim.ts"

/**
 * On the way from an appendage to the ring, the first ring member included, nobody's best successor is beyond
 * another of the same way. A violation misleads lookups and is repaired; the ring survives it.
 * Source: Zave, CCR 42(2), 2012, section 3.
 */
export const orderedAppendages: Claim = (snapshot) => {
  const best = bestSuccessors(snapshot)
  const ring = ringMembers(snapshot)
  for (const { id } of snapshot) {
    const met = [...path(best, id)]
    const merge = met.findIndex((other) => ring.has(other))
    const way = met.slice(0, merge + 1)
    for (const [i, from] of way.entries()) {
      const to = way[i + 1]
      const passed = way.find((other) => to !== undefined && other !== to && between(from, other, to))
      if (passed !== undefined) return `${way.join(" -> ")} passes ${passed} between ${from} and ${to}`
    }
  }
  return undefined
}
