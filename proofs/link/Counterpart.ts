/**
 * An action that spec explores, and what the proofs make of it. Tests hold these lists against both sides: who changes an
 * action, a guard or its name on one of them has to look at the other.
 */
export interface Counterpart {
  /** Its name in spec. */
  readonly explored: string
  /** Its guard in spec, in the words it has there. */
  readonly guard: string
  /** The action of the proof that does the same; null: what the proof speaks of is left as it is, or not spoken of. */
  readonly proved: string | null
  /** What the proof's guard asks less, or why there is no such action. */
  readonly note: string
}
