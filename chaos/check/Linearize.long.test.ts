import * as fc from "fast-check"
import { expect, test } from "vitest"
import { type Call, callsOf } from "../history/Call.ts"
import type { Operation } from "../history/Operation.ts"
import { WORKLOADS, type WorkloadName } from "../plan/Plan.ts"
import { linearize } from "./Linearize.ts"
import type { Model } from "./models/Model.ts"
import { withModel } from "./models/ModelOf.ts"
import { type HistoryOptions, validHistory } from "./testing/Histories.ts"

const patient = (_steps: number) => true

const search = (history: ReadonlyArray<Operation>, goesOn = patient) => {
  const calls = callsOf(history)
  const workload = history[0]?.workload ?? "counter"
  return withModel(workload, calls, (model) => linearize(calls, model, goesOn))
}

/** Every order there is, tried without any cleverness. */
const bruteForce = (history: ReadonlyArray<Operation>): boolean => {
  const calls = callsOf(history).filter(({ outcome }) => outcome !== "fail")
  const follow = <S>(model: Model<S>, left: ReadonlyArray<Call>, state: S): boolean => {
    if (left.every(({ outcome }) => outcome === "open")) return true
    return left.some((call) => {
      const isLate = left.some(
        ({ outcome, end }) => outcome === "ok" && end !== null && end.index < call.invoke.index,
      )
      if (isLate) return false
      const after = call.outcome === "ok" ? model.answer(state, call) : model.apply(state, call)
      const rest = left.filter((other) => other !== call)
      return after !== undefined && follow(model, rest, after)
    })
  }
  return withModel(history[0]?.workload ?? "counter", calls, (model) => follow(model, calls, model.initial))
}

const options = (calls: number, processes: number): fc.Arbitrary<HistoryOptions> =>
  fc.record({
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    workload: fc.constantFrom(...WORKLOADS),
    clients: fc.constant(1),
    processes: fc.integer({ min: 1, max: processes }),
    calls: fc.integer({ min: 1, max: calls }),
    lost: fc.constantFrom(0, 0.1, 0.3),
    refused: fc.constantFrom(0, 0.1),
  })

test("what one service gave is linearizable, and the order that is found says so itself", () => {
  fc.assert(
    fc.property(options(120, 5), (how) => {
      const history = validHistory(how)
      const found = search(history)
      expect(found.type).toBe("linearizable")
      if (found.type === "linearizable") expectOrder(how.workload, history, found.order)
    }),
    { numRuns: 150 },
  )
})

const expectOrder = (
  workload: WorkloadName,
  history: ReadonlyArray<Operation>,
  order: ReadonlyArray<Call>,
): void => {
  const calls = callsOf(history)
  const inOrder = new Set(order.map(({ invoke }) => invoke.index))
  expect(inOrder.size).toBe(order.length)
  for (const { outcome, invoke } of calls) if (outcome === "ok") expect(inOrder).toContain(invoke.index)
  withModel(workload, calls, (model) => {
    let state = model.initial
    let latest = -1
    for (const call of order) {
      const after = call.outcome === "ok" ? model.answer(state, call) : model.apply(state, call)
      if (after === undefined) throw new Error(`line ${call.invoke.index} cannot come here`)
      state = after
      // Nothing comes after what began after it had ended.
      const ended = call.outcome === "ok" ? (call.end?.index ?? Infinity) : Infinity
      expect(ended).toBeGreaterThan(latest)
      latest = Math.max(latest, call.invoke.index)
    }
  })
}

/** Answers changed at random: most such histories are impossible, some are not. */
const disturbed = (
  history: ReadonlyArray<Operation>,
  changes: ReadonlyArray<number>,
): ReadonlyArray<Operation> => {
  const answers = history.filter(({ type }) => type === "ok")
  const chosen = new Map(
    changes.map((change) => [answers[change % Math.max(1, answers.length)]?.index, change]),
  )
  return history.map((operation) => {
    const change = chosen.get(operation.index)
    return change === undefined ? operation : { ...operation, value: otherAnswer(operation.value, change) }
  })
}

const otherAnswer = (value: unknown, change: number): unknown => {
  if (typeof value === "number") return value + (change % 5) - 2
  if (Array.isArray(value)) return change % 2 === 0 ? value.slice(1) : [...value, ...value.slice(0, 1)]
  return { ...(value as object), tea: change % 3 }
}

test("it agrees with the search that tries everything", () => {
  const verdicts = { true: 0, false: 0 }
  fc.assert(
    fc.property(options(7, 3), fc.array(fc.nat(), { maxLength: 2 }), (how, changes) => {
      const history = disturbed(validHistory(how), changes)
      const expected = bruteForce(history)
      verdicts[`${expected}`]++
      expect(search(history).type).toBe(expected ? "linearizable" : "contradiction")
    }),
    { numRuns: 1_000 },
  )
  // Both answers are given often, or this test compares nothing.
  expect(Math.min(verdicts.true, verdicts.false)).toBeGreaterThan(150)
})

test("of an answer that cannot be, in a sequential history without gaps, every one is found", () => {
  fc.assert(
    fc.property(options(60, 1), fc.nat(), fc.constantFrom(-1, 1), (how, at, by) => {
      const history = validHistory({ ...how, workload: "counter", lost: 0, refused: 0 })
      const answers = history.filter(({ type }) => type === "ok")
      const chosen = answers[at % answers.length]?.index
      const wrong = history.map((one) =>
        one.index === chosen ? { ...one, value: Number(one.value) + by } : one,
      )
      const found = search(wrong)
      const stuck = found.type === "contradiction" ? found.stuck : []
      // A count that comes too early is found where the next one is missing, a count that comes too late at once.
      expect(stuck.map(({ end }) => end?.index)).toContain(chosen)
    }),
  )
})

test("a search that may not go on does not know", () => {
  const history = validHistory({
    seed: 1,
    workload: "cart",
    clients: 1,
    processes: 8,
    calls: 2_000,
    lost: 0,
    refused: 0,
  })
  expect(search(history, () => false).type).toBe("unknown")
})

test("many calls that nobody knows the outcome of take no time", () => {
  for (const workload of WORKLOADS) {
    const history = validHistory({
      seed: 7,
      workload,
      clients: 1,
      processes: 4,
      calls: 1_000,
      lost: 0.05,
      refused: 0.02,
    })
    let steps = 0
    const found = search(history, (sofar) => (steps = sofar) < 300_000)
    expect([workload, found.type, steps < 300_000]).toEqual([workload, "linearizable", true])
  }
})
