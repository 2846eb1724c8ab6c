import { expect, test } from "vitest"
import { explored } from "../../explorer/Explore.ts"
import { type CoreOptions, type CoreState, stateText } from "./CoreState.ts"
import { system } from "./CoreSystem.ts"

/** All that peers, disks and client ever come to together while nothing is being written, whatever is on its way. */
const comesTo = (options: CoreOptions) => {
  const met = new Set<string>()
  const core = system(options)
  const meet = (state: CoreState): undefined => {
    if (state.nodes.every(({ value }) => value.writes.length === 0))
      met.add(stateText({ ...state, left: { ...state.left, whole: false } }))
  }
  const report = explored({ ...core, invariants: [...core.invariants, { name: "Met", broken: meet }] })
  expect(report.isComplete).toBe(true)
  return { met, distinct: report.distinct }
}

const none: CoreOptions = { requests: 1, crashes: 0, restarts: 0, mistakes: 0, waits: 0 }

test.each<readonly [string, CoreOptions]>([
  ["a restart and no request", { ...none, requests: 0, crashes: 1, restarts: 1 }],
  ["two requests, a crash", { ...none, requests: 2, crashes: 1 }],
])("with %s nothing is missed that a search meets which leaves nothing out", (_, options) => {
  const [whole, reduced] = [comesTo({ ...options, whole: true }), comesTo(options)]
  expect([...whole.met].filter((one) => !reduced.met.has(one))).toEqual([])
  expect(reduced.met.size).toBe(whole.met.size)
  expect(reduced.distinct).toBeLessThan(whole.distinct)
})
