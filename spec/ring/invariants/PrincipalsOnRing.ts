import { principals, ringMembers } from "../Snapshot.ts"
import type { FlightClaim } from "./Claim.ts"

/** Every principal reaches itself by best successors. Source: Zave, TSE 43(12), 2017, section 5. */
export const principalsOnRing: FlightClaim = (snapshot, inFlight = []) => {
  const ring = ringMembers(snapshot)
  const stray = principals(snapshot, inFlight).find((id) => !ring.has(id))
  return stray === undefined ? undefined : `${stray} is a principal, but in an appendage`
}
