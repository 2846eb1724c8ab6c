import type { RingMutant } from "./RingMutants.ts"

/** Which ring is explored, and how far its environment may go. */
export interface RingOptions {
  readonly rules: "ours" | "original"
  /** Places on the ring, and so how many peers there can ever be; at most 16. */
  readonly peers: number
  /** Those that form an ideal ring to begin with; the others may join, each once. */
  readonly founders: ReadonlyArray<number>
  /** L. */
  readonly successors: number
  readonly failures: number
  readonly suspicions: number
  readonly mutant?: RingMutant
}
