import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { judgeRun } from "../check/Judge.ts"
import { beyondLimits } from "../plan/Limits.ts"
import type { Plan } from "../plan/Plan.ts"
import { readPlan } from "../plan/ReadPlan.ts"
import { openSimulator } from "../replay/Simulator.ts"

/** Plans that were not drawn but thought out, each for one way in which a ring may go wrong. */
const plans: ReadonlyArray<readonly [name: string, plan: Plan]> = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".json"))
  .map((file) => [file, readPlan(readFileSync(join(import.meta.dirname, file), "utf8"))])

test("all of them are valid on the simulated ring", async () => {
  expect(plans.length).toBeGreaterThan(3)
  const simulator = openSimulator(null)
  try {
    for (const [name, plan] of plans) {
      expect([name, beyondLimits(plan)]).toEqual([name, []])
      const { outcome, why } = judgeRun(await simulator.play(plan, ""))
      expect([name, outcome, why]).toEqual([name, "valid", "every claim holds"])
    }
  } finally {
    await simulator.close()
  }
})

test("peers that reach only some of the others do not depose one another in turn", async () => {
  const [, plan] = plans.find(([file]) => file === "ring-of-majorities.json") ?? []
  if (plan === undefined) throw new Error("there is no such plan")
  const simulator = openSimulator(null)
  try {
    const { lines } = await simulator.play(plan, "")
    const epochs = lines.flatMap(({ said }) => (said.type === "installed" ? [said.epoch] : []))
    // One for the links that are cut and one for those that are healed, and a few while it is not clear who hears whom.
    expect(Math.max(...epochs)).toBeLessThan(12)
  } finally {
    await simulator.close()
  }
})

// What the others are for shows on real processes only: simulated dispatchers ask whom they like.
test.each([
  ["two-propose-far-apart.json", "accept-blindly", "ballots only grow"],
  ["leader-unsure-of-its-base.json", "no-barrier", "one view per epoch"],
])("%s finds %s", async (name, mutant, seen) => {
  const [, plan] = plans.find(([file]) => file === name) ?? []
  if (plan === undefined) throw new Error(`there is no ${name}`)
  const simulator = openSimulator(mutant)
  try {
    const { outcome, why } = judgeRun(await simulator.play(plan, ""))
    expect([outcome, why]).toEqual(["invalid", expect.stringContaining(seen)])
  } finally {
    await simulator.close()
  }
})
