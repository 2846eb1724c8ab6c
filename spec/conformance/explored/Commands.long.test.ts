import fc from "fast-check"
import { expect, test } from "vitest"
import { eachSeed } from "../EachSeed.ts"
import { misstep } from "../refinement/RefinedCore.ts"
import { carriedOut, commands } from "./Commands.ts"

test("thousands of lists of commands, each to its end", { timeout: 600_000 }, () => {
  const most = { answered: 0, views: 0 }
  eachSeed(20, (seed) => {
    fc.assert(
      fc.property(commands, (list) => {
        const { asked, past } = carriedOut(list, (before, action, after) => {
          const problem = misstep(before, action, after)
          if (problem !== undefined) throw new Error(`no step of the model: ${problem}`)
        })
        most.answered = Math.max(most.answered, asked.filter((one) => one === -1).length)
        most.views = Math.max(most.views, past.views.length)
      }),
      { seed, numRuns: 500 },
    )
  })
  expect(most.answered).toBe(3)
  expect(most.views).toBeGreaterThanOrEqual(3)
})
