import { expect, test } from "vitest"
import { explored } from "../../explorer/Explore.ts"
import { mutants } from "../mutants/Mutants.ts"
import type { CoreOptions } from "./CoreState.ts"
import { system } from "./CoreSystem.ts"
import { inWorker } from "./testing/InWorker.ts"

const none: CoreOptions = { requests: 1, crashes: 0, restarts: 0, mistakes: 0, waits: 0 }

/** Everything that the code can do, and nothing of it wrong. */
test.each<readonly [string, CoreOptions, number]>([
  ["one request", none, 10],
  ["two requests", { ...none, requests: 2 }, 100],
  ["one request and a crash", { ...none, crashes: 1 }, 300],
])("%s", (_, options, atLeast) => {
  const report = explored(system(options))
  expect(report.findings).toEqual([])
  expect(report).toMatchObject({ isComplete: true, unseen: [] })
  expect(report.distinct).toBeGreaterThan(atLeast)
})

test(
  "a member that acknowledges before it has flushed is found by the shortest way",
  { timeout: 60_000 },
  async () => {
    const patches = mutants.find(({ name }) => name === "acknowledge before the flush")?.patches ?? []
    const { finding, way } = await inWorker({ patches, options: { ...none, crashes: 1 }, states: 10_000 })
    expect(finding).toMatch(/^MajorityCommits: I5: /)
    expect(way.filter((line) => /^ *\d+ /.test(line)).length).toBeLessThanOrEqual(8)
  },
)
