import { skips } from "../Snapshot.ts"
import type { Claim } from "./Claim.ts"

/**
 * If a member's list skips a live member, then nobody whose first successor it is lists that one: so that a list
 * shifted by one after a failure never falls back behind what was known.
 * Source: Zave, CCR 42(2), 2012, section 3.
 */
export const validSuccessorList: Claim = (snapshot) => {
  for (const member of snapshot) {
    const others = snapshot.filter((other) => other !== member)
    for (const { id, successors } of others) {
      if (successors[0] !== member.id) continue
      const skipped = others.find((other) => successors.includes(other.id) && skips(member, other.id))
      if (skipped) return `${member.id} skips ${skipped.id}, which its antecedent ${id} lists`
    }
  }
  return undefined
}
