import type { RingId } from "../ring/RingId.ts"

/**
 * A number under which the next view of a cell is proposed. Counter 0 is the fast path of the epoch's leader; any
 * other proposer counts from 1. The boot number keeps a peer from using a ballot again after it forgot it.
 */
export interface Ballot {
  readonly counter: number
  readonly id: RingId
  /** The proposer's durable boot number. */
  readonly boot: number
}

/** Negative, 0 or positive as `a` is lower than, equal to or higher than `b`: by counter, then id, then boot. */
export const compareBallots = (a: Ballot, b: Ballot): number => {
  if (a.counter !== b.counter) return a.counter - b.counter
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  return a.boot - b.boot
}
