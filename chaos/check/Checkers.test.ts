import * as fc from "fast-check"
import { expect, test } from "vitest"
import type { Operation } from "../history/Operation.ts"
import { type Fault, WORKLOADS } from "../plan/Plan.ts"
import { availability, gapsOf, recoveriesOf } from "./Availability.ts"
import { coverageOf } from "./Coverage.ts"
import { effects } from "./Effects.ts"
import { enoughTraffic, everyFaultBit } from "./Enough.ts"
import { HALVES } from "../plan/Episodes.ts"
import { healedInTime } from "./HealedInTime.ts"
import { hopBound } from "./HopBound.ts"
import { judgeRun } from "./Judge.ts"
import { minoritySilent } from "./MinoritySilent.ts"
import { linearizable } from "./Linearizable.ts"
import { singleLeader } from "./SingleLeader.ts"
import { validHistory } from "./testing/Histories.ts"
import { faultRecord, runOf, said } from "./testing/Runs.ts"
import { together } from "./Verdict.ts"

const histories = fc
  .record({
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    workload: fc.constantFrom(...WORKLOADS),
    clients: fc.integer({ min: 1, max: 3 }),
    processes: fc.integer({ min: 1, max: 3 }),
    calls: fc.integer({ min: 3, max: 40 }),
    lost: fc.constantFrom(0, 0.1),
    refused: fc.constantFrom(0, 0.1),
  })
  .map((options) => validHistory({ ...options, finalReads: true }))

const [lostOf, doubledOf] = [
  (history: ReadonlyArray<Operation>) => effects(runOf({ history }))[0].outcome,
  (history: ReadonlyArray<Operation>) => effects(runOf({ history }))[1].outcome,
]

test("what a service without faults gave is valid to every checker of histories", () => {
  fc.assert(
    fc.property(histories, (history) => {
      const run = runOf({ history })
      expect(linearizable(run).outcome).toBe("valid")
      const wrote = run.calls.some(({ invoke, outcome }) => invoke.f !== "read" && outcome === "ok")
      for (const finding of effects(run)) expect(finding.outcome).toBe(wrote ? "valid" : "unknown")
    }),
  )
})

/** The history with one read at the end changed; undefined if there was nothing to change. */
const changedAtEnd = (
  history: ReadonlyArray<Operation>,
  change: (value: unknown) => unknown,
): ReadonlyArray<Operation> | undefined => {
  const last = history.findLast(({ final, type }) => final === true && type === "ok")
  const value = last === undefined ? undefined : change(last.value)
  return value === undefined ? undefined : history.map((one) => (one === last ? { ...one, value } : one))
}

const cartOf = (value: unknown): Record<string, number> => ({ ...(value as Record<string, number>) })

/** Without the last acknowledged effect there may be one that nobody is sure of; so all that is there goes. */
const emptied = (value: unknown): unknown => {
  if (typeof value === "number") return value > 0 ? 0 : undefined
  if (Array.isArray(value)) return value.length > 0 ? [] : undefined
  return undefined
}

const doubled = (value: unknown): unknown => {
  if (typeof value === "number") return value > 0 ? value + 1_000 : undefined
  if (Array.isArray(value)) return value.length > 0 ? [...value, value[0]] : undefined
  const cart = cartOf(value)
  const [item] = Object.keys(cart)
  return item === undefined ? undefined : { ...cart, [item]: (cart[item] ?? 0) + 1_000 }
}

test("a session that forgot what was acknowledged is found, by the search and by counting", () => {
  let tried = 0
  fc.assert(
    fc.property(histories, (history) => {
      const wrong = changedAtEnd(history, emptied)
      const client = wrong?.findLast(({ final }) => final === true)?.client
      const isSure = history.some(
        ({ type, f, client: whose }) => type === "ok" && f !== "read" && whose === client,
      )
      if (wrong === undefined || !isSure) return
      tried++
      expect(lostOf(wrong)).toBe("invalid")
      expect(linearizable(runOf({ history: wrong })).outcome).toBe("invalid")
    }),
    { numRuns: 60 },
  )
  expect(tried).toBeGreaterThan(20)
})

test("an effect that was applied twice is found, by the search and by counting", () => {
  let tried = 0
  fc.assert(
    fc.property(histories, (history) => {
      const wrong = changedAtEnd(history, doubled)
      const client = wrong?.findLast(({ final }) => final === true)?.client
      const isSure = history.some(
        ({ type, f, client: whose }) => type === "ok" && f !== "read" && whose === client,
      )
      if (wrong === undefined || !isSure) return
      tried++
      expect(doubledOf(wrong)).toBe("invalid")
      expect(linearizable(runOf({ history: wrong })).outcome).toBe("invalid")
    }),
    { numRuns: 40 },
  )
  expect(tried).toBeGreaterThan(20)
})

const op = (index: number, told: Partial<Operation>): Operation => ({
  index,
  process: 0,
  type: "invoke",
  f: "increment",
  workload: "counter",
  client: "ada",
  value: null,
  time: index * 1e8,
  ...told,
})

/** Counts 1 and 2, forgets, counts 2 again. */
const forgetful = [1, 2, 2].flatMap((value, n) => [op(2 * n, {}), op(2 * n + 1, { type: "ok", value })])

test("the smallest piece of a history that is impossible is two answers that contradict each other", () => {
  const finding = linearizable(runOf({ history: forgetful }))
  expect(finding.outcome).toBe("invalid")
  expect(finding.evidence[0]?.operations).toEqual([2, 3, 4, 5])
  expect(finding.reason).toMatch(/ada: .*increment = 2 at .*increment = 2 at/)
})

const lists = (numbers: ReadonlyArray<number>, at: number) => [
  op(at, { f: "read", workload: "ledger" }),
  op(at + 1, { type: "ok", f: "read", value: numbers, workload: "ledger" }),
]

test("of a number that was appended, and that a later read does not show, just these two are told", () => {
  const steps = Array.from({ length: 30 }, (_, n) => [
    op(2 * n, { f: "append", value: n, workload: "ledger" }),
    op(2 * n + 1, { type: "ok", f: "append", value: n + 1, workload: "ledger" }),
  ])
  const all = Array.from({ length: 30 }, (_, n) => n)
  const seen = [...all.slice(0, 28), 29, 28]
  expect(linearizable(runOf({ history: [...steps.flat(), ...lists(all, 60)] })).outcome).toBe("valid")
  const finding = linearizable(runOf({ history: [...steps.flat(), ...lists(seen, 60)] }))
  expect([finding.outcome, finding.evidence[0]?.operations]).toEqual(["invalid", [58, 59, 60, 61]])
})

test("a search that is given up, and sessions that nobody read at the end, are unknown", () => {
  const history = validHistory({
    seed: 3,
    workload: "counter",
    clients: 1,
    processes: 4,
    calls: 900,
    lost: 0,
    refused: 0,
  })
  const run = runOf({ history })
  for (const few of [{ steps: 10 }, { bytes: 1_000 }, { timeMs: -1 }])
    expect([few, linearizable(run, few).outcome]).toEqual([few, "unknown"])
  expect(effects(run).map(({ outcome }) => outcome)).toEqual(["unknown", "unknown"])
})

const cartStep = (f: Operation["f"], value: unknown, answer: unknown, n: number) => [
  op(2 * n, { f, value, workload: "cart" }),
  op(2 * n + 1, { type: "ok", f, value: answer, workload: "cart" }),
]

test("carts: what was put in before all was taken out need not be there, what came after must", () => {
  const steps = [
    ...cartStep("add", "tea", { tea: 1 }, 0),
    ...cartStep("remove", "tea", {}, 1),
    ...cartStep("add", "tea", { tea: 1 }, 2),
  ]
  const read = (value: unknown) =>
    cartStep("read", null, value, 3).map((one): Operation => ({ ...one, final: true }))
  expect([lostOf([...steps, ...read({ tea: 1 })]), doubledOf([...steps, ...read({ tea: 1 })])]).toEqual([
    "valid",
    "valid",
  ])
  expect(lostOf([...steps, ...read({})])).toBe("invalid")
  expect(doubledOf([...steps, ...read({ tea: 2 })])).toBe("invalid")
})

const released = (ms: number, peer: string, epoch: number, entry: number, id: string) =>
  said(ms, peer, { type: "released", cell: 0, epoch, entry, client: "ada", id })
const installed = (ms: number, peer: string, epoch: number) =>
  said(ms, peer, {
    type: "installed",
    cell: 0,
    epoch,
    members: [],
    leads: true,
    length: 0,
    head: "" as never,
  })

test.each([
  ["one after another", [released(1, "p0", 0, 0, "a"), released(2, "p1", 1, 1, "b")], "valid"],
  ["the same answer again", [released(1, "p0", 0, 0, "a"), released(2, "p1", 1, 0, "a")], "valid"],
  ["two in one epoch", [released(1, "p0", 1, 0, "a"), released(2, "p1", 1, 1, "b")], "invalid"],
  ["one entry, two requests", [released(1, "p0", 0, 0, "a"), released(2, "p1", 1, 0, "b")], "invalid"],
  [
    "back to an old epoch",
    [installed(1, "p0", 2), installed(2, "p0", 1), released(3, "p0", 1, 0, "a")],
    "invalid",
  ],
  ["no answer at all", [installed(1, "p0", 2)], "unknown"],
])("single leader: %s", (_, lines, outcome) => {
  expect(singleLeader(runOf({ lines })).outcome).toBe(outcome)
})

const lookup = (ms: number, hops: number, found: string | null = "p1") =>
  said(ms, "p0", { type: "lookup", key: "" as never, hops, budget: 3, found })

test("lookups stay within their budgets, but while the ring is mended", () => {
  const faults = [faultRecord({})]
  const outcome = (...lines: ReadonlyArray<ReturnType<typeof lookup>>) =>
    hopBound(runOf({ lines, faults })).outcome
  expect(outcome(lookup(100, 3))).toBe("valid")
  expect(outcome(lookup(100, 4))).toBe("invalid")
  expect(outcome(lookup(100, 2, null))).toBe("invalid")
  expect(outcome(lookup(1_200, 9), lookup(1_550, 2, null))).toBe("valid")
  expect(outcome(lookup(1_700, 4))).toBe("invalid")
  expect(outcome(lookup(1_700, 0, null))).toBe("valid")
  expect(outcome(lookup(9_000, 0, null))).toBe("invalid")
  // Some of many links are cut before all of them are.
  expect(hopBound(runOf({ lines: [lookup(500, 9)], faults: [faultRecord({ begunAt: 4e8 })] })).outcome).toBe(
    "valid",
  )
  expect(outcome()).toBe("unknown")
})

const view = (ms: number, members: ReadonlyArray<string>, epoch = 1, length = 0) =>
  said(ms, "p0", { type: "installed", cell: 0, epoch, members, leads: true, length, head: "" as never })
const isolation = {
  faults: [
    {
      at: 0,
      verb: "cut" as const,
      targets: [
        ["p0", "p1"],
        ["p2", "p0"],
      ] as const,
      forMs: 5_000,
    },
  ],
}

test.each([
  ["what is new while it is cut off", [released(3_000, "p0", 1, 7, "a")], "invalid"],
  ["what was under way", [released(1_900, "p0", 1, 7, "a")], "valid"],
  ["what was answered before", [released(900, "p0", 1, 7, "a"), released(3_000, "p0", 1, 7, "a")], "valid"],
  ["the others, among themselves", [released(3_000, "p1", 1, 7, "a")], "valid"],
  [
    "what the next view has begun with, as somebody told it",
    [view(2_900, ["p1#1"], 2, 8), released(3_000, "p0", 1, 7, "a")],
    "valid",
  ],
  ["what the next view lacks", [view(2_900, ["p1#1"], 2, 7), released(3_000, "p0", 1, 7, "a")], "invalid"],
  [
    "what its own view has begun with",
    [view(2_900, ["p0#1", "p1#1", "p2#1"], 1, 8), released(3_000, "p0", 1, 7, "a")],
    "invalid",
  ],
  ["after the links are healed", [released(7_000, "p0", 1, 7, "a")], "valid"],
])("a minority is silent: %s", (_, answers, outcome) => {
  const lines = [view(500, ["p0#1", "p1#1", "p2#1"]), ...answers]
  const faults = [faultRecord({ appliedAt: 1e9, undoneAt: 6e9 })]
  expect(minoritySilent(runOf({ plan: isolation, faults, lines })).outcome).toBe(outcome)
})

test("the view of genesis is that of the founders behind the cell's home", () => {
  const founders = ["p1", "p2", "p0", "p3"].map((name, n) => ({
    id: `${n}`.repeat(40) as never,
    member: [name, 1].join("#"),
  }))
  const started = said(100, "p0", {
    type: "started",
    id: "" as never,
    founding: true,
    mode: "replay",
    cells: 16,
    replicas: 3,
    founders,
  })
  const faults = [faultRecord({ appliedAt: 1e9, undoneAt: 6e9 })]
  // Cell 1 ends before 2222..., so p0, p3 and p1 have it: of them p0 is cut off from p1 alone.
  const answer = { ...released(3_000, "p0", 0, 7, "a"), cell: 1 }
  const found = minoritySilent(runOf({ plan: isolation, faults, lines: [started, answer] }))
  expect(found.outcome).toBe("valid")
  const cutMore = {
    faults: [
      {
        ...isolation.faults[0],
        targets: [
          ["p0", "p1"],
          ["p3", "p0"],
        ],
      } as Fault,
    ],
  }
  const more = minoritySilent(runOf({ plan: cutMore, faults, lines: [started, answer] }))
  expect(more.reason).toMatch(/p0 answered entry 7 of cell 1 at .* cut off from all but 1 of p0, p3, p1/)
})

test("leaders that were on the smaller side are counted: a claim about nobody says nothing", () => {
  const founders = ["p0", "p1", "p2"].map((name, n) => ({
    id: "05a".charAt(n).repeat(40) as never,
    member: [name, 1].join("#"),
  }))
  const started = said(100, "p0", {
    type: "started",
    id: "" as never,
    founding: true,
    mode: "replay",
    cells: 4,
    replicas: 3,
    founders,
  })
  const faults = [faultRecord({ appliedAt: 1e9, undoneAt: 6e9 })]
  const both: Fault = {
    at: 0,
    verb: "cut",
    targets: [
      ["p0", "p1"],
      ["p0", "p2"],
    ],
    forMs: 5_000,
  }
  const later = said(3_000, "p1", { type: "lookup", key: "" as never, hops: 0, budget: 3, found: "p1" })
  const reasonOf = (...lines: ReadonlyArray<Parameters<typeof minoritySilent>[0]["lines"][number]["said"]>) =>
    minoritySilent(runOf({ plan: { faults: [both] }, faults, lines: [started, ...lines, later] })).reason
  // Homes are 3fff..., 7fff..., bfff... and ffff...: p1 leads the first cell, p2 the second, p0 both others.
  expect(reasonOf()).toMatch(/^2 leaders of cells were on the smaller side/)
  const moved = { ...view(500, ["p1#1", "p0#1", "p2#1"]), cell: 3 }
  expect(reasonOf(moved)).toMatch(/^1 leaders/)
})

test("halves that become one ring again too late, or were never seen to, are told", () => {
  const halves: Fault = { at: 0, verb: "cut", targets: [["p0", "p1"]], forMs: 5_000, shape: HALVES }
  const outcome = (told: Parameters<typeof faultRecord>[0], record = {}) =>
    healedInTime(runOf({ plan: { faults: [halves] }, faults: [faultRecord(told)], record })).map(
      (finding) => [finding.outcome, finding.reason],
    )
  expect(outcome({ undoneAt: 2e9, wholeAt: 11.9e9 })).toEqual([
    ["valid", "whole 9.9 s after the links were healed"],
  ])
  expect(outcome({ undoneAt: 2e9, wholeAt: 12.1e9 })).toEqual([
    ["invalid", "fault 0 was healed, and the ring was whole 10.1 s after it"],
  ])
  expect(outcome({ undoneAt: 2e9, wholeAt: null }, { endedAt: 32e9 })).toEqual([
    ["invalid", "fault 0 was healed, and the ring was not whole 30.0 s after it"],
  ])
  expect(outcome({ undoneAt: 2e9, wholeAt: null }, { endedAt: 4e9 })[0]?.[0]).toBe("unknown")
  expect(outcome({ undoneAt: null, wholeAt: null })[0]?.[0]).toBe("unknown")
  expect(healedInTime(runOf({}))).toEqual([])
})

test("gaps, recoveries, and who is never answered again", () => {
  const history = [
    op(0, { time: 1e9 }),
    op(1, { type: "ok", value: 1, time: 1.05e9 }),
    op(2, { time: 1.2e9 }),
    op(3, { type: "info", time: 1.4e9 }),
    op(4, { time: 1.5e9 }),
    op(5, { type: "ok", value: 2, time: 1.7e9 }),
  ]
  const plan = { faults: [{ at: 100, verb: "kill" as const, targets: ["p1"], forMs: 400 }] }
  const run = runOf({ plan, history, faults: [faultRecord({})] })
  expect(gapsOf(run)).toEqual([{ client: "ada", ms: 500, from: 1.2e9 }])
  expect(recoveriesOf(run)).toEqual([{ fault: 0, what: "kill p1", wholeMs: 100, servedMs: 500 }])
  expect(availability(run).outcome).toBe("valid")
  // Who gave up, and was asked again only at the end, has not waited in between.
  const gaveUp = [
    ...history,
    op(6, { time: 2e9 }),
    op(7, { type: "info", time: 2.1e9 }),
    op(8, { f: "read", final: true, time: 300e9 }),
    op(9, { type: "ok", f: "read", value: 2, final: true, time: 300.2e9 }),
  ]
  expect(gapsOf(runOf({ history: gaveUp }))[0]?.ms).toBe(500)
  const late = faultRecord({ appliedAt: 1.9e9, undoneAt: 1.95e9, wholeAt: 2.4e9 })
  expect(recoveriesOf(runOf({ plan, history: gaveUp, faults: [late] }))[0]?.servedMs).toBe(100)
  const waiting = [...history, op(6, { f: "read", final: true, time: 3e9 })]
  expect(availability(runOf({ history: waiting })).outcome).toBe("invalid")
  expect(
    availability(runOf({ history, record: { unsettled: ["cell 0 has 0 active leaders"] } })).outcome,
  ).toBe("invalid")
  expect(availability(runOf({})).outcome).toBe("unknown")
})

test("too little traffic, and a fault that was not seen to bite, are unknown", () => {
  expect(enoughTraffic(runOf({ history: forgetful })).outcome).toBe("unknown")
  const much = validHistory({
    seed: 1,
    workload: "counter",
    clients: 1,
    processes: 1,
    calls: 30,
    lost: 0,
    refused: 0,
  })
  expect(enoughTraffic(runOf({ history: much })).outcome).toBe("valid")
  expect(enoughTraffic(runOf({ history: much, record: { settleAt: 0 } })).outcome).toBe("unknown")
  const plan = { faults: [{ at: 100, verb: "kill" as const, targets: ["p1"] }] }
  const bite = (told: Parameters<typeof faultRecord>[0]) =>
    everyFaultBit(runOf({ plan, faults: [faultRecord(told)] }))
  expect(bite({}).outcome).toBe("valid")
  expect(bite({ bit: null }).outcome).toBe("unknown")
  expect(bite({ bit: false, proof: "the process was there" }).reason).toBe(
    "fault 0, kill p1, at 1.10 s: the process was there",
  )
  expect(bite({ unavailable: "there is no libfaketime" }).reason).toMatch(/cannot be done here: there is no/)
  expect(everyFaultBit(runOf({ plan })).reason).toMatch(/was never applied/)
})

test("what a fault met is counted from when it was applied until the ring was whole", () => {
  const plan = { faults: [{ at: 100, verb: "kill" as const, targets: ["p1"], forMs: 400 }] }
  const faults = [faultRecord({ assumption: "a majority keeps its disks" })]
  const lines = [
    released(1_000, "p0", 0, 0, "a"),
    released(1_200, "p0", 0, 1, "b"),
    installed(1_590, "p0", 1),
    installed(1_700, "p0", 2),
  ]
  expect(coverageOf(runOf({ plan, faults, lines })).rows).toMatchObject([
    {
      verb: "kill",
      faults: 1,
      assumptions: ["a majority keeps its disks"],
      met: { released: 1, installed: 1, promised: 0 },
    },
  ])
})

test("one finding that is invalid decides, one that is unknown keeps the whole from being valid", () => {
  expect(together(["valid", "unknown", "invalid"])).toBe("invalid")
  expect(together(["valid", "unknown"])).toBe("unknown")
  expect(together(["valid", "valid"])).toBe("valid")
  expect(together([])).toBe("unknown")
  const results = judgeRun(runOf({ history: forgetful }))
  expect([results.outcome, results.why.slice(0, 17)]).toEqual(["invalid", "linearizable: ada"])
  // The second answer of 2.
  expect(results.seenMs).toBe(500)
  expect(judgeRun(runOf({})).seenMs).toBe(null)
  // What a simulated ring was seen to break is told even if nobody else noticed.
  const seen = judgeRun(runOf({ record: { on: "simulator", violation: "I5" } }))
  expect(seen.findings.at(-1)).toMatchObject({ outcome: "invalid", reason: "I5" })
})
