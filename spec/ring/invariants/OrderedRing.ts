import { between, rings } from "../Snapshot.ts"
import type { Claim } from "./Claim.ts"

/** No ring member lies between another and its best successor. Source: Zave, CCR 42(2), 2012, section 3. */
export const orderedRing: Claim = (snapshot) => {
  for (const ring of rings(snapshot)) {
    for (const [i, id] of ring.entries()) {
      const after = ring[(i + 1) % ring.length] ?? id
      const skipped = ring.find((other) => other !== id && other !== after && between(id, other, after))
      if (skipped !== undefined)
        return `${skipped} is on the ring, and between ${id} and its successor ${after}`
    }
  }
  return undefined
}
