import { distance, type RingId, SIZE } from "./RingId.ts"

/**
 * Whether `x` lies strictly inside the clockwise arc from `a` to `b`; when `a = b` that arc is the whole ring
 * without `a`, so the answer is `x != a`.
 *
 * Source: Zave, "How to Make Chord Correct" (TSE 2017), section 3, `between`.
 */
export const between = (a: RingId, x: RingId, b: RingId): boolean =>
  a < b ? a < x && x < b : a === b ? x !== a : a < x || x < b

/**
 * Whether `x` lies in the half-open clockwise arc (a, b]; when `a = b` that is the whole ring, so that a peer
 * that is its own predecessor owns everything.
 *
 * Source: Stoica et al., "Chord" (ToN 2003), section IV: a key belongs to its successor.
 */
export const inArc = (a: RingId, x: RingId, b: RingId): boolean => x === b || between(a, x, b)

/** Number of ids in (a, b], in (0, 2^160]: 2^160 when `a = b`. */
export const arcLength = (a: RingId, b: RingId): bigint => (a === b ? SIZE : distance(a, b))

/** The part of the ring that (a, b] covers, in (0, 1], to about 15 digits. */
export const arcShare = (a: RingId, b: RingId): number => Number((arcLength(a, b) * 10n ** 15n) / SIZE) / 1e15
