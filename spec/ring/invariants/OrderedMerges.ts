import { bestSuccessors, between, ringMembers } from "../Snapshot.ts"
import type { Claim } from "./Claim.ts"

/**
 * An appendage meets the ring at the right place: not beyond the ring member that precedes the meeting point. A
 * violation misleads lookups and is repaired; the ring survives it. Source: Zave, CCR 42(2), 2012, section 3.
 */
export const orderedMerges: Claim = (snapshot) => {
  const best = bestSuccessors(snapshot)
  const ring = ringMembers(snapshot)
  for (const [before, meeting] of best) {
    if (!ring.has(before) || before === meeting) continue
    for (const [appendage, to] of best) {
      if (to !== meeting || ring.has(appendage) || between(before, appendage, meeting)) continue
      return `appendage ${appendage} meets the ring at ${meeting}, beyond ring member ${before}`
    }
  }
  return undefined
}
