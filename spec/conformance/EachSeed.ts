import fc from "fast-check"
import { expect } from "vitest"

declare global {
  interface ImportMeta {
    /** The environment, as vitest hands it to tests. */
    readonly env: Readonly<Record<string, string | undefined>>
  }
}

/**
 * Runs a test for so many drawn seeds. When one fails the error says which, and the command that runs it again; the
 * seed is read from `RING_SEED` then.
 *
 * @returns whether one seed is repeated: what is claimed of many together need not be so of one
 */
export const eachSeed = (runs: number, check: (seed: number) => void): boolean => {
  const wanted = import.meta.env["RING_SEED"]
  const drawn = fc.noBias(fc.integer({ min: 1, max: 2 ** 31 - 1 }))
  const seeds = wanted === undefined ? fc.sample(drawn, runs) : [Number(wanted)]
  for (const seed of seeds) {
    try {
      check(seed)
    } catch (error) {
      throw new Error(`seed ${seed}; again with: ${again(seed)}\n${String(error)}`, { cause: error })
    }
  }
  return wanted !== undefined
}

const again = (seed: number): string => {
  const { currentTestName, testPath } = expect.getState()
  const file = testPath?.replace(/.*\/(?=spec\/)/, "")
  // The name is read as a regular expression.
  const name = currentTestName?.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
  return `RING_SEED=${seed} npx vitest run ${file} -t "${name}"`
}
