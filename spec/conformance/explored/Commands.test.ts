import fc from "fast-check"
import { expect, test } from "vitest"
import { eachSeed } from "../EachSeed.ts"
import { carriedOut, commands } from "./Commands.ts"

test("whatever befalls three peers, the code does what it promises, and the model knows who is there", () => {
  eachSeed(1, (seed) => {
    let answered = 0
    fc.assert(
      fc.property(commands, (list) => {
        answered += carriedOut(list).asked.filter((one) => one === -1).length
      }),
      { seed, numRuns: 40 },
    )
    expect(answered).toBeGreaterThan(0)
  })
})
