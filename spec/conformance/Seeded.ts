/** A stream of random numbers that depends on its seed alone (splitmix32); good enough for schedules, no more. */
export interface Seeded {
  /** Uniform in [0, 1). */
  readonly next: () => number
  /** Uniform whole number in [0, bound). */
  readonly below: (bound: number) => number
}

export const seeded = (seed: number): Seeded => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32
  }
  return { next, below: (bound) => Math.floor(next() * bound) }
}
