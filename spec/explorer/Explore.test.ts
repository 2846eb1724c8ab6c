import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { explore, explored } from "./Explore.ts"
import { verdictOf } from "./Report.ts"
import { behaviour, retell } from "./Retell.ts"
import type { System } from "./System.ts"

/** A graph as a system: states are numbers, actions the edges' ends; all edges are fair but the negative ones. */
const graph = (
  edges: ReadonlyArray<ReadonlyArray<number>>,
  parts: Partial<System<number, number>> = {},
): System<number, number> => ({
  name: "graph",
  initial: [0],
  actions: (state) => edges[state] ?? [],
  apply: (_, action) => Math.abs(action),
  fingerprint: String,
  invariants: [],
  witnesses: [],
  goals: [],
  describe: (action) => `go ${action}`,
  show: (state) => [`at ${state}`],
  ...parts,
})

const never = (bad: number) => ({
  name: `Never${bad}`,
  broken: (state: number) => (state === bad ? `it is ${bad}` : undefined),
})

const edges = fc.integer({ min: 1, max: 30 }).chain((size) =>
  fc.array(fc.array(fc.integer({ min: -size + 1, max: size - 1 }), { maxLength: 4 }), {
    minLength: size,
    maxLength: size,
  }),
)

/** Distances from 0 by relaxation, as long as anything gets shorter. */
const distances = (of: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> => {
  const far = of.map((_, i) => (i === 0 ? 0 : Infinity))
  for (let round = 0; round < of.length; round++)
    for (const [from, ends] of of.entries())
      for (const to of ends) far[Math.abs(to)] = Math.min(far[Math.abs(to)] ?? 0, (far[from] ?? 0) + 1)
  return far
}

test("everything that can be reached is, once, and the farthest is as far as it is", () => {
  fc.assert(
    fc.property(edges, (some) => {
      const near = distances(some).filter((distance) => distance < Infinity)
      const report = explored(graph(some))
      expect(report).toMatchObject({ distinct: near.length, depth: Math.max(...near), isComplete: true })
    }),
  )
})

test("the counterexample is a shortest one, and its way leads there", () => {
  fc.assert(
    fc.property(edges, fc.nat({ max: 29 }), (some, bad) => {
      const system = graph(some, { invariants: [never(bad)] })
      const far = distances(some)[bad] ?? Infinity
      const ends = explored(system).findings.map(({ way }) => {
        const { start, steps } = behaviour(system, way)
        return { far: steps.length, state: steps.at(-1)?.state ?? start }
      })
      expect(ends).toEqual(far === Infinity ? [] : [{ far, state: bad }])
    }),
  )
})

test("a goal is lost exactly where no fair edges lead to it", () => {
  fc.assert(
    fc.property(edges, fc.nat({ max: 29 }), (some, end) => {
      const goal = {
        name: "End",
        reached: (state: number) => state === end,
        fair: (edge: number) => edge >= 0,
      }
      const system = graph(some, { goals: [goal] })
      const fair = some.map((ends) => ends.filter((edge) => goal.fair(edge)))
      const leads = (from: number) => distances([[from], ...fair.map((ends) => ends.map((to) => to + 1))])
      const canEnd = some.map(
        (_, state) => state === end || (leads(state + 1)[end + 1] ?? Infinity) < Infinity,
      )
      const lost = distances(some).filter((distance, state) => distance < Infinity && canEnd[state] !== true)
      const report = explored(system)
      const found = report.findings.map(({ problem, way }) => [problem.split(" ")[0], way.length - 1])
      expect(found).toEqual(lost.length === 0 ? [] : [[String(lost.length), Math.min(...lost)]])
    }),
  )
})

describe("what was cut short", () => {
  const line = Array.from({ length: 5000 }, (_, i) => (i < 4999 ? [i + 1] : []))

  test.each([[{ depth: 3 }], [{ states: 2000 }]])("by %j is never said to hold", (limits) => {
    const report = explored(
      graph(line, { witnesses: [{ name: "End", seen: (state) => state === 4999 }] }),
      limits,
    )
    expect(report).toMatchObject({ isComplete: false, unseen: ["End"] })
    expect(verdictOf(report)).toBe("incomplete")
  })

  test("can lose no goal that lies beyond", () => {
    const goal = { name: "End", reached: (state: number) => state === 4999, fair: () => true }
    expect(explored(graph(line, { goals: [goal] }), { depth: 10 }).findings).toEqual([])
  })

  test("stands still now and then, with what it has", () => {
    const seen = [...explore(graph(line))].map(({ distinct }) => distinct)
    expect(seen.length).toBeGreaterThan(1)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })
})

test("a witness that is never seen fails the check", () => {
  const report = explored(graph([[1], []], { witnesses: [{ name: "Two", seen: (state) => state === 2 }] }))
  expect(report.unseen).toEqual(["Two"])
  expect(verdictOf(report)).toBe("violated")
})

test("a search for all goes on behind the first broken invariant", () => {
  const system = graph([[1], [2], [3], []], { invariants: [never(1), never(3)] })
  expect(explored(system).findings.map(({ name }) => name)).toEqual(["Never1"])
  expect(explored(system, { stopAt: "all" }).findings.map(({ name }) => name)).toEqual(["Never1", "Never3"])
})

test("a trace says what each action changed", () => {
  const system = graph([[1], [2], []], { invariants: [never(2)] })
  expect(retell(system, explored(system).findings[0]?.way ?? [])).toEqual([
    "     at 0",
    "1  go 1",
    "     at 1",
    "2  go 2",
    "     at 2",
  ])
})
