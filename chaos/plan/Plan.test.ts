import * as fc from "fast-check"
import { expect, test } from "vitest"
import { drawPlan, type Sizes } from "./DrawPlan.ts"
import { beyondLimits } from "./Limits.ts"
import { between, bridge, majoritiesRing } from "./Partition.ts"
import { CAMPAIGNS, type Fault, isLinkFault, type Plan } from "./Plan.ts"
import { planText, readPlan } from "./ReadPlan.ts"

const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const sizes: fc.Arbitrary<Sizes> = fc.record({
  peers: fc.integer({ min: 3, max: 9 }),
  dispatchers: fc.integer({ min: 1, max: 3 }),
  mode: fc.constantFrom("replay" as const, "stateless" as const),
  cells: fc.integer({ min: 1, max: 256 }),
  calmMs: fc.constant(2_000),
  faultsMs: fc.integer({ min: 4_000, max: 600_000 }),
  settleMs: fc.constant(30_000),
  load: fc.constantFrom(0.5, 1, 3),
})

test.each(CAMPAIGNS)("%s: what is drawn can be read, is within the limits, and ends in time", (campaign) => {
  fc.assert(
    fc.property(seed, sizes, (from, size) => {
      const plan = drawPlan(campaign, from, size)
      expect(readPlan(planText(plan))).toEqual(plan)
      expect(beyondLimits(plan)).toEqual([])
      expect(plan.faults.length).toBeGreaterThan(0)
      for (const { at, forMs } of plan.faults) expect(at + (forMs ?? 0)).toBeLessThanOrEqual(plan.faultsMs)
      expect(planText(drawPlan(campaign, from, size))).toBe(planText(plan))
    }),
    { numRuns: 60 },
  )
})

test("each campaign has all its kinds of fault, given seeds enough", () => {
  const shapes = new Set<string>()
  const verbs = new Set<string>()
  for (let n = 0; n < 60; n++) {
    for (const fault of drawPlan("mixed", n).faults) {
      shapes.add(fault.shape ?? "")
      verbs.add(fault.verb)
    }
  }
  const partitions = [
    "one isolated",
    "majority and minority",
    "halves",
    "bridge",
    "ring of majorities",
    "one way",
    "flapping",
  ]
  for (const shape of partitions) expect(shapes).toContain(shape)
  for (const verb of [
    "kill",
    "pause",
    "wipe",
    "tear",
    "skew",
    "join",
    "leave",
    "hold",
    "slow",
    "jitter",
    "throttle",
    "slice",
    "reset",
  ])
    expect(verbs).toContain(verb)
})

const isAmongPeers = (fault: Fault) =>
  isLinkFault(fault) && fault.targets.every(([from]) => from.startsWith("p"))

test("in a partition somebody who leads is with the minority, and dispatchers still reach it", () => {
  const cut = Array.from({ length: 60 }, (_, n) => drawPlan("partition", n)).flatMap(({ faults }) =>
    faults.filter(({ shape }) => shape === "one isolated"),
  )
  expect(cut.filter(isAmongPeers).length).toBeGreaterThan(cut.length / 2)
})

test("who sees whom in a bridge and in a ring of majorities", () => {
  const names = ["p0", "p1", "p2", "p3", "p4"]
  const sees = (cut: ReadonlyArray<readonly [string, string]>, from: string) =>
    names.filter((to) => to !== from && !cut.some(([a, b]) => a === from && b === to))
  expect(sees(bridge(names), "p0")).toEqual(["p1", "p2", "p3", "p4"])
  expect(sees(bridge(names), "p1")).toEqual(["p0", "p2"])
  const seen = names.map((name) => [name, ...sees(majoritiesRing(names), name)].toSorted().join())
  expect(new Set(seen).size).toBe(5)
  expect(seen.every((text) => text.split(",").length === 3)).toBe(true)
  expect(between(["a"], ["b"])).toEqual([
    ["a", "b"],
    ["b", "a"],
  ])
})

const good = drawPlan("crash", 1)
const broken = (change: (plan: Record<string, unknown>) => void): string => {
  const plan = structuredClone(good) as unknown as Record<string, unknown>
  change(plan)
  return JSON.stringify(plan)
}
const withFault = (fault: unknown): string => broken((plan) => (plan["faults"] = [fault]))

test.each([
  ["no JSON", "{", /it is no JSON/],
  ["another version", broken((plan) => (plan["version"] = 2)), /^version: expected one of 1, got 2/],
  ["a campaign that is none", broken((plan) => (plan["campaign"] = "x")), /^campaign: expected one of crash/],
  ["a field too many", broken((plan) => (plan["pears"] = 2)), /^pears: there is no such field/],
  [
    "a field too few",
    broken((plan) => delete plan["cells"]),
    /^cells: expected a whole number .* got nothing/,
  ],
  ["a verb that is none", withFault({ at: 1, verb: "hit", targets: ["p0"] }), /^faults\[0\]\.verb: expected/],
  ["no target", withFault({ at: 1, verb: "kill", targets: [] }), /^faults\[0\]\.targets: expected one/],
  [
    "a stranger",
    withFault({ at: 1, verb: "kill", targets: ["p7"] }),
    /^faults\[0\]\.targets\[0\]: .*founders p0 to p4/,
  ],
  [
    "a link to itself",
    withFault({ at: 1, verb: "cut", targets: [["p1", "p1"]] }),
    /targets\[0\]: expected a link/,
  ],
  ["a dispatcher too many", withFault({ at: 1, verb: "cut", targets: [["d2", "p1"]] }), /d0 to d1, got "d2"/],
  [
    "towards a dispatcher",
    withFault({ at: 1, verb: "cut", targets: [["p1", "d0"]] }),
    /targets\[0\]\[1\]: expected a peer/,
  ],
  ["too late", withFault({ at: 60_000, forMs: 5, verb: "kill", targets: ["p1"] }), /^faults\[0\]\.forMs/],
  [
    "no number",
    withFault({ at: 1, verb: "slow", targets: [["p0", "p1"]] }),
    /^faults\[0\]\.args\.ms: expected/,
  ],
  [
    "a number too many",
    withFault({ at: 1, verb: "kill", targets: ["p1"], args: { ms: 1 } }),
    /args\.ms: there is no/,
  ],
])("refused: %s", (_, text, message) => {
  expect(() => readPlan(text)).toThrow(message)
})

const planOf = (faults: Plan["faults"]): Plan => ({ ...good, faults })

test("two disks at once, and a ring that shrinks too far, are told", () => {
  expect(beyondLimits(planOf([{ at: 1, verb: "wipe", targets: ["p0", "p1"], forMs: 10 }]))).toHaveLength(1)
  expect(
    beyondLimits(
      planOf([
        { at: 1, verb: "wipe", targets: ["p0"], forMs: 10 },
        { at: 5, verb: "kill", targets: ["p1"], forMs: 10 },
      ]),
    ),
  ).toEqual(["faults[0] takes a disk while faults[1] lasts"])
  expect(beyondLimits(planOf([{ at: 1, verb: "leave", targets: ["p0", "p1", "p2"] }]))).toHaveLength(1)
})
