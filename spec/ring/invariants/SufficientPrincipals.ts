import { principals } from "../Snapshot.ts"
import type { FlightClaim } from "./Claim.ts"

/**
 * At least L + 1 members are skipped by no list. Source: Zave, TSE 43(12), 2017, section 5.
 *
 * @param listLength L, the length of successor lists.
 */
export const sufficientPrincipals =
  (listLength: number): FlightClaim =>
  (snapshot, inFlight = []) => {
    const found = principals(snapshot, inFlight)
    return found.length > listLength
      ? undefined
      : `only ${found.length} principals (${found.join(", ")}), fewer than L + 1 = ${listLength + 1}`
  }
