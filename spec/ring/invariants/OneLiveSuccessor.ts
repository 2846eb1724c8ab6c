import type { FlightClaim } from "./Claim.ts"

/**
 * Every member's successor list has a live entry, and so has every list on its way to one.
 * Source: Zave, TSE 43(12), 2017, section 5; ring.md, Invariant.
 */
export const oneLiveSuccessor: FlightClaim = (snapshot, inFlight = []) => {
  const isLive = (id: number): boolean => snapshot.some((member) => member.id === id)
  const lost = [...snapshot, ...inFlight].find(({ successors }) => !successors.some(isLive))
  return lost && `all of ${lost.successors.join(", ")}, the successors of ${lost.id}, are dead`
}
