import { expect, test, vi } from "vitest"
import { explored } from "../../explorer/Explore.ts"
import { eachSeed } from "../EachSeed.ts"
import { scopes, system } from "./RefinedCore.ts"
import { refinedWalk } from "./RefinedWalk.ts"
import { guiltyStep, type Guilt } from "./testing/GuiltySteps.ts"

vi.setConfig({ testTimeout: 60_000 })

test.each(scopes({}).slice(0, 2))("$name: each step of the code is one of the model's", ({ options }) => {
  const report = explored(system(options))
  expect(report.findings).toEqual([])
  expect(report.isComplete).toBe(true)
  expect(report.distinct).toBeGreaterThan(100)
})

test("wherever chance leads three peers, each step is one of the model's", () => {
  eachSeed(6, (seed) => {
    expect(refinedWalk(seed).steps).toBeGreaterThan(10)
  })
})

test.each<Guilt>([
  {
    mutant: "acknowledge before the flush",
    options: { requests: 1, crashes: 1 },
    step: /^deliver Append p2 /,
    problem: /nobody may say APPENDACK of epoch 0 by 1, round 1\.0: length 1$/,
  },
  {
    mutant: "take any promised log instead of the longest",
    options: { requests: 1, mistakes: 1 },
    step: /^deliver Promise /,
    problem: /accepted \d \d \d with nothing at/,
  },
])("$mutant: the guilty step is found", async (guilt) => {
  const { finding, step } = await guiltyStep(guilt)
  expect(finding).toMatch(/^RefinesTheJournal: no step of the model: /)
  expect(finding).toMatch(guilt.problem)
  expect(step).toMatch(guilt.step)
})
