/** Whole numbers from 0 to below `below`, the same for the same seed (a linear congruence, the middle bits). */
export const numbers = (seed: number): ((below: number) => number) => {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}

/** The seed of a test's walks: SEED of the environment, or `usual`. */
export const seedOf = (usual: number): number => Number(process.env["SEED"] ?? usual)
