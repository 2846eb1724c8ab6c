import { isDeepStrictEqual } from "node:util"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { type Call, callsOf } from "../history/Call.ts"
import type { Operation } from "../history/Operation.ts"
import { WORKLOADS, type WorkloadName } from "../plan/Plan.ts"
import { type Limits, linearize } from "./Linearize.ts"
import { withModel } from "./models/ModelOf.ts"
import { type HistoryOptions, validHistory } from "./testing/Histories.ts"

const patient: Limits = { steps: Infinity, bytes: Infinity, hasTime: () => true }

const search = (history: ReadonlyArray<Operation>, limits = patient) => {
  const calls = callsOf(history)
  const workload = history[0]?.workload ?? "counter"
  return withModel(workload, calls, (model) => linearize(calls, model, limits))
}

/** The service as its user sees it: what it has after an operation, and what it answers. */
const served = (
  workload: WorkloadName,
  state: unknown,
  { f, value }: Operation,
): readonly [after: unknown, answer: unknown] => {
  if (workload === "ledger") {
    const list = state as ReadonlyArray<unknown>
    return f === "read" ? [list, list] : [[...list, value], list.length + 1]
  }
  if (workload !== "cart") {
    const after = Number(state) + (f === "increment" ? 1 : 0)
    return [after, after]
  }
  const { [String(value)]: count = 0, ...others } = state as Readonly<Record<string, number>>
  const after = f === "read" ? state : f === "remove" ? others : { ...others, [String(value)]: count + 1 }
  return [after, after]
}

const emptyOf = (workload: WorkloadName): unknown =>
  workload === "ledger" ? [] : workload === "cart" ? {} : 0

/** Every order there is, tried without any cleverness, and without the models. */
const bruteForce = (history: ReadonlyArray<Operation>): boolean => {
  const workload = history[0]?.workload ?? "counter"
  const follow = (left: ReadonlyArray<Call>, state: unknown): boolean => {
    if (left.every(({ outcome }) => outcome === "open")) return true
    return left.some((call) => {
      const isLate = left.some(
        ({ outcome, end }) => outcome === "ok" && end !== null && end.index < call.invoke.index,
      )
      if (isLate) return false
      const [after, answer] = served(workload, state, call.invoke)
      const fits = call.outcome === "open" || isDeepStrictEqual(answer, call.end?.value)
      return (
        fits &&
        follow(
          left.filter((other) => other !== call),
          after,
        )
      )
    })
  }
  return follow(
    callsOf(history).filter(({ outcome }) => outcome !== "fail"),
    emptyOf(workload),
  )
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
  let state = emptyOf(workload)
  let latest = -1
  for (const call of order) {
    const [after, answer] = served(workload, state, call.invoke)
    if (call.outcome === "ok")
      expect([call.invoke.index, call.end?.value]).toEqual([call.invoke.index, answer])
    state = after
    // Nothing comes after what began after it had ended.
    const ended = call.outcome === "ok" ? (call.end?.index ?? Infinity) : Infinity
    expect(ended).toBeGreaterThan(latest)
    latest = Math.max(latest, call.invoke.index)
  }
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

test("a session that forgot, or did twice, what was acknowledged is found, however many calls nobody knows the outcome of", () => {
  let planted = 0
  fc.assert(
    fc.property(options(200, 4), fc.constantFrom("forget", "twice"), (how, wrong) => {
      const history = validHistory({ ...how, finalReads: true })
      const last = history.findLast(({ type, final }) => type === "ok" && final === true)
      const value = last === undefined ? undefined : impossible(history, last.value, wrong)
      if (value === undefined) return
      planted++
      expect(search(history.map((one) => (one === last ? { ...one, value } : one))).type).toBe(
        "contradiction",
      )
    }),
    { numRuns: 150 },
  )
  expect(planted).toBeGreaterThan(50)
})

/** What a last read cannot show; undefined if nothing is impossible in that way. */
const impossible = (history: ReadonlyArray<Operation>, value: unknown, wrong: string): unknown => {
  const began = history.filter(({ type, f }) => type === "invoke" && f !== "read").length
  const counted = history.filter(
    ({ type, f }) => type === "ok" && (f === "increment" || f === "append"),
  ).length
  if (typeof value === "number") {
    if (wrong === "twice") return began + 1
    return counted > 0 ? counted - 1 : undefined
  }
  if (Array.isArray(value)) {
    if (wrong === "twice") return value.length > 0 ? [...value, value[0]] : undefined
    return counted > 0 ? value.slice(0, counted - 1) : undefined
  }
  return wrong === "twice" ? { ...(value as object), tea: began + 1 } : undefined
}

test("a search that runs out of steps, of memory or of time does not know", () => {
  const history = validHistory({
    seed: 1,
    workload: "cart",
    clients: 1,
    processes: 8,
    calls: 2_000,
    lost: 0,
    refused: 0,
  })
  expect(search(history, { ...patient, steps: 1_000 })).toMatchObject({ type: "unknown", why: "steps" })
  expect(search(history, { ...patient, bytes: 10_000 })).toMatchObject({ type: "unknown", why: "memory" })
  expect(search(history, { ...patient, hasTime: () => false })).toMatchObject({
    type: "unknown",
    why: "time",
  })
})

test("what is not known costs little: a hundred time-outs among a thousand calls, with an answer that cannot be at the end", () => {
  for (const workload of WORKLOADS) {
    for (const processes of [1, 4]) {
      const history = validHistory({
        seed: 7,
        workload,
        clients: 1,
        processes,
        calls: 1_000,
        lost: 0.1,
        refused: 0.02,
        finalReads: true,
      })
      const last = history.at(-1)
      const wrong = history.map((one) =>
        one === last ? { ...one, value: impossible(history, one.value, "twice") } : one,
      )
      const few = { steps: 20_000, bytes: 16 * 2 ** 20, hasTime: () => true }
      expect([workload, processes, search(history, few).type]).toEqual([workload, processes, "linearizable"])
      // Carts are asked one thing after another; side by side there is too much that may have been taken out or not.
      const isHard = workload === "cart" && processes > 1
      const found = search(wrong, few).type
      expect([workload, processes, found]).toEqual([workload, processes, isHard ? found : "contradiction"])
      expect(found).not.toBe("linearizable")
    }
  }
})
