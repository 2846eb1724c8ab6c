import { expect, test } from "vitest"
import { mutants } from "../mutants/Mutants.ts"
import type { CoreOptions } from "./CoreState.ts"
import { inWorker } from "./testing/InWorker.ts"

const crash: CoreOptions = { requests: 1, crashes: 1, restarts: 1, mistakes: 1, waits: 0 }

/** Weakened rules, each with what it takes to find it, and what does; the first three no random walk ever met. */
const FOUND: ReadonlyArray<readonly [name: string, finding: RegExp, options: CoreOptions]> = [
  ["a sealed leader that counts itself", /^StepsAreSound: a member that is sealed/, crash],
  [
    "reuse a ballot after a restart",
    /^TwoViews: .* that no majority accepted/,
    { ...crash, waits: 1, only: { crash: [1], suspect: [1], wait: [1], Append: [], Pulled: [] } },
  ],
  [
    "acknowledge empty heartbeats while sealed",
    /^StepsAreSound: a member that is sealed/,
    { ...crash, crashes: 0, restarts: 0, waits: 1 },
  ],
  ["acknowledge while sealed", /^StepsAreSound: a member that is sealed/, crash],
  ["take any promised log instead of the longest", /^(MajorityCommits|BasesHoldCommitted|TwoViews): /, crash],
  ["acknowledge before the flush", /^MajorityCommits: /, crash],
]

test.each(FOUND)("found: %s", async (name, expected, options) => {
  const patches = mutants.find((one) => one.name === name)?.patches ?? []
  expect(patches).not.toEqual([])
  const { finding } = await inWorker({ patches, options, states: 100_000 })
  expect(finding).toMatch(expected)
})

test("not found in the code itself, where the search that takes most of them goes farther", async () => {
  const [, , options] = FOUND[1] ?? []
  const found = await inWorker({ patches: [], options: options ?? crash, states: 70_000 })
  expect(found).toMatchObject({ finding: null, isComplete: false })
})
