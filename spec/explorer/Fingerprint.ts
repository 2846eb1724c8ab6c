/** Two halves of a 64-bit hash; `hash` fills it, so that millions of states cost no object each. */
export interface Hash {
  /** Whole numbers in [-2^31, 2^31). */
  high: number
  low: number
}

/**
 * Hashes `text` into `into`. Of n distinct texts two have the same hash with a probability of about n^2 / 2^65: one in
 * 400,000 for ten million states. Each step is a bijection of either half for a given character, and of each character
 * for given halves; the end mixes them (the finalizer of MurmurHash3).
 */
export const hash = (text: string, into: Hash): void => {
  let a = 0x9747b28c ^ text.length
  let b = 0x5bd1e995
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x85ebca6b)
    a ^= a >>> 13
    b = Math.imul(b ^ code, 0xc2b2ae35)
    b ^= b >>> 16
  }
  a = mix(a ^ Math.imul(b, 0x27d4eb2f))
  b = mix(b ^ Math.imul(a, 0x165667b1))
  into.high = a
  into.low = b
}

const mix = (word: number): number => {
  let h = word ^ (word >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** n^2 / 2^65: how likely it is at most that two of so many states were taken for one. */
export const collisionOdds = (states: number): number => states ** 2 / 2 ** 65
