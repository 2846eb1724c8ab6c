import { rings } from "../Snapshot.ts"
import type { Claim } from "./Claim.ts"

/** All members that reach themselves reach one another. Source: Zave, CCR 42(2), 2012, section 3. */
export const atMostOneRing: Claim = (snapshot) => {
  const [first, second] = rings(snapshot)
  return first && second ? `two rings: ${first.join(" -> ")} and ${second.join(" -> ")}` : undefined
}
