import { BITS, type RingId, toBigInt } from "./RingId.ts"

/**
 * How many of `cells` cells have their home in the arc (a, b]; all of them when `a = b`. That is how many cells the
 * peer at `b` with predecessor `a` leads while the ring decides leadership.
 *
 * @param cells a power of two, from 1 to 2^20.
 */
export const cellsInArc = (a: RingId, b: RingId, cells: number): number => {
  if (a === b) return cells
  const upTo = homesUpTo(b, cells) - homesUpTo(a, cells)
  return a < b ? upTo : upTo + cells
}

/** Homes in [0, x]: the i-th home is (i + 1) * width - 1. */
const homesUpTo = (x: RingId, cells: number): number => {
  const width = BigInt(BITS - (31 - Math.clz32(cells)))
  return Number((toBigInt(x) + 1n) >> width)
}
