import { rings } from "../Snapshot.ts"
import type { Claim } from "./Claim.ts"

/** Some member reaches itself by best successors. Source: Zave, CCR 42(2), 2012, section 3. */
export const atLeastOneRing: Claim = (snapshot) =>
  snapshot.length === 0 || rings(snapshot).length > 0
    ? undefined
    : `none of ${snapshot.map((member) => member.id).join(", ")} reaches itself`
