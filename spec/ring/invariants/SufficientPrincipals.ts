import { principals } from "../Snapshot.ts"
import type { Claim } from "./Claim.ts"

/**
 * At least L + 1 members are skipped by no member. Source: Zave, TSE 43(12), 2017, section 5.
 *
 * @param listLength L, the length of successor lists.
 */
export const sufficientPrincipals =
  (listLength: number): Claim =>
  (snapshot) => {
    const found = principals(snapshot)
    return found.length > listLength
      ? undefined
      : `only ${found.length} principals (${found.join(", ")}), fewer than L + 1 = ${listLength + 1}`
  }
