import type { RingId } from "./RingId.ts"

/** Ids that lie about as random ones do, and are the same for the same seed: for benches. */
export const scatteredIds = (count: number, seed: number): ReadonlyArray<RingId> => {
  let state = seed
  const word = (): string => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0).toString(16).padStart(8, "0")
  }
  return Array.from({ length: count }, () => `${word()}${word()}${word()}${word()}${word()}` as RingId)
}
