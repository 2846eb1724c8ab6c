/** What was seen of a fault. */
export interface Bite {
  readonly bit: boolean
  readonly proof: string
  /** When it was done, in ns on the clock of the history, if that took a while after it was begun. */
  readonly appliedAt?: number
}

/** A fault that is ready to be applied. */
export interface Deed {
  /** Of the ledger of assumptions, by name; "" for what the system promises to bear. */
  readonly assumption: string
  /** Why this machine cannot do it, if so. */
  readonly unavailable?: string
  readonly apply: () => Promise<Bite>
  /** Takes it back; what is seen then, if that is more of a proof. None for what does not last. */
  readonly undo?: () => Promise<Bite | undefined>
}

/** Both were seen, or not. */
export const andThen = (one: Bite, other: Bite | undefined): Bite =>
  other === undefined ? one : { ...one, bit: one.bit && other.bit, proof: `${one.proof}; ${other.proof}` }
