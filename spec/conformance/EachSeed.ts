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
 */
export const eachSeed = (runs: number, check: (seed: number) => void): void => {
  const wanted = import.meta.env["RING_SEED"]
  const seeds = wanted === undefined ? fc.integer({ min: 1, max: 2 ** 31 - 1 }) : fc.constant(Number(wanted))
  const property = fc.property(fc.noShrink(seeds), (seed) => {
    try {
      check(seed)
    } catch (error) {
      const { currentTestName, testPath } = expect.getState()
      const file = testPath?.replace(/.*\/(?=spec\/)/, "")
      const name = currentTestName?.replaceAll(" > ", " ")
      const command = `RING_SEED=${seed} npx vitest run ${file} -t "${name}"`
      throw new Error(`seed ${seed}; again with: ${command}\n${String(error)}`, { cause: error })
    }
  })
  fc.assert(property, { numRuns: wanted === undefined ? runs : 1, endOnFailure: true })
}
