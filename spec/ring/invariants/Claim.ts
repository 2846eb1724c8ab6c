import type { Snapshot } from "../Snapshot.ts"

/** What must be true of a network at every moment: undefined when it is, else one line that says where it is not. */
export type Claim = (snapshot: Snapshot) => string | undefined
