import type { Listed, Snapshot } from "../Snapshot.ts"

/** What must be true of a network at every moment: undefined when it is, else one line that says where it is not. */
export type Claim = (snapshot: Snapshot) => string | undefined

/** A claim that looks at lists on their way to somebody alive too, as ring.md, Invariant has it. */
export type FlightClaim = (snapshot: Snapshot, inFlight?: ReadonlyArray<Listed>) => string | undefined
