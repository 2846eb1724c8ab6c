import { expect, test } from "vitest"
import { judgeRun } from "../check/Judge.ts"
import { drawPlan, usualSizes } from "../plan/DrawPlan.ts"
import { CAMPAIGNS, type CampaignName, type Plan } from "../plan/Plan.ts"
import { shrink } from "./Shrink.ts"
import { openSimulator } from "./Simulator.ts"

const small = (campaign: CampaignName, seed: number, faultsMs: number): Plan =>
  drawPlan(campaign, seed, { ...usualSizes, cells: 8, calmMs: 1_000, faultsMs, load: 0.3 })

test("plans of every campaign are valid on the simulated ring, and the same plan is the same run", async () => {
  const simulator = openSimulator(null)
  try {
    for (const campaign of CAMPAIGNS) {
      const results = judgeRun(await simulator.play(small(campaign, 11, 8_000), ""))
      expect([campaign, results.outcome, results.why]).toEqual([campaign, "valid", "every claim holds"])
    }
    const plan = small("mixed", 12, 4_000)
    const [one, other] = [await simulator.play(plan, ""), await simulator.play(plan, "")]
    expect(other.history).toEqual(one.history)
    expect(other.traces).toEqual(one.traces)
  } finally {
    await simulator.close()
  }
})

test("a plan that a fault in the code makes fail shrinks to a quarter of its faults, and fails still", async () => {
  const simulator = openSimulator("acknowledge-while-sealed")
  try {
    const plan = small("crash", 3, 30_000)
    expect(plan.faults.length).toBeGreaterThanOrEqual(8)
    const shrunk = await shrink(plan, simulator, { runs: 60 })
    if (shrunk === undefined) throw new Error("the plan does not fail")
    expect(shrunk.plan.faults.length).toBeLessThanOrEqual(plan.faults.length / 4)
    const results = judgeRun(await simulator.play(shrunk.plan, ""))
    expect(results.outcome).toBe("invalid")
    expect(results.findings.find(({ outcome }) => outcome === "invalid")?.claim).toBe(shrunk.claim)
    const unchanged = openSimulator(null)
    expect(judgeRun(await unchanged.play(shrunk.plan, "")).outcome).not.toBe("invalid")
    expect(await shrink(shrunk.plan, unchanged, { runs: 60 })).toBeUndefined()
    await unchanged.close()
  } finally {
    await simulator.close()
  }
})

test("a mutant that there is not is refused", () => {
  expect(() => openSimulator("no-such-thing")).toThrow(/there is no mutant no-such-thing/)
})
