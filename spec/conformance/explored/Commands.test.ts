import fc from "fast-check"
import { expect, test } from "vitest"
import { eachSeed } from "../EachSeed.ts"
import { misstep } from "../refinement/RefinedCore.ts"
import { carriedOut, commands } from "./Commands.ts"

test("whatever befalls three peers, the code keeps its promises, and each step is one of the journal's model", () => {
  eachSeed(1, (seed) => {
    let answered = 0
    fc.assert(
      fc.property(commands, (list) => {
        const { asked } = carriedOut(list, (before, action, after) => {
          const problem = misstep(before, action, after)
          if (problem !== undefined) throw new Error(`no step of the model: ${problem}`)
        })
        answered += asked.filter((one) => one === -1).length
      }),
      { seed, numRuns: 40 },
    )
    expect(answered).toBeGreaterThan(0)
  })
})
