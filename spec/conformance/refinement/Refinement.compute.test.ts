import { expect, test, vi } from "vitest"
import { explored } from "../../explorer/Explore.ts"
import { eachSeed } from "../EachSeed.ts"
import { larger, scopes, system } from "./RefinedCore.ts"
import { refinedWalk } from "./RefinedWalk.ts"
import { guiltyStep, type Guilt } from "./testing/GuiltySteps.ts"

vi.setConfig({ testTimeout: 300_000 })

test("thousands of steps are steps of the model, through takeovers too", () => {
  let steps = 0
  let views = 0
  let answered = 0
  const isRepeated = eachSeed(100, (seed) => {
    const walk = refinedWalk(seed)
    steps += walk.steps
    views += walk.end.past.views.length - 1
    answered += walk.end.asked.filter((one) => one === -1).length
  })
  const least = isRepeated ? [0, 0, 0] : [5_000, 10, 50]
  for (const [i, sum] of [steps, views, answered].entries()) expect(sum).toBeGreaterThanOrEqual(least[i] ?? 0)
})

test("who is asked to accept a shorter log than it is fetching already has it, in the model too", () => {
  expect(refinedWalk(1_680_271_522).steps).toBeGreaterThan(50)
})

test.each(scopes({}).slice(2, 4))("$name: all of it", ({ options }) => {
  const report = explored(system(options))
  expect([report.findings, report.isComplete, report.unseen]).toEqual([[], true, []])
})

test.each([larger])("$name: as far as some thousand states go", ({ options }) => {
  const report = explored(system(options), { states: 10_000 })
  expect(report.findings).toEqual([])
  expect(report.distinct).toBeGreaterThanOrEqual(10_000)
})

test.each<Guilt>([
  {
    mutant: "send before the flush",
    options: { mistakes: 1, crashes: 1 },
    step: /^deliver Prepare /,
    problem: /nobody may say PROMISE /,
  },
  {
    mutant: "reuse a ballot after a restart",
    options: { crashes: 1, restarts: 1, mistakes: 1 },
    step: /^suspect /,
    problem: /in life 2, nothing, promised \(1, 1, 1\); /,
  },
  {
    mutant: "accept before holding the log",
    options: { requests: 1, mistakes: 1 },
    step: /^deliver Promise /,
    problem: /accepted \d \d \d with a1 at/,
  },
  {
    mutant: "no barrier",
    options: { requests: 1, crashes: 1, restarts: 1 },
    step: /^deliver /,
    problem: /has commit 1, not 0|has as member of epoch 1/,
  },
])("$mutant: the guilty step is found", async (guilt) => {
  const { finding, step } = await guiltyStep(guilt)
  expect(finding).toMatch(/^RefinesTheJournal: no step of the model: /)
  expect(finding).toMatch(guilt.problem)
  expect(step).toMatch(guilt.step)
})
