import { bestSuccessors } from "../Snapshot.ts"
import type { Claim } from "./Claim.ts"

/** Every member's successor list has a live entry. Source: Zave, TSE 43(12), 2017, section 5. */
export const oneLiveSuccessor: Claim = (snapshot) => {
  const best = bestSuccessors(snapshot)
  const lost = snapshot.find((member) => !best.has(member.id))
  return lost && `all of ${lost.successors.join(", ")}, the successors of ${lost.id}, are dead`
}
