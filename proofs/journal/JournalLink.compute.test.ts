import { afterAll, expect, test } from "vitest"
import type { Cell } from "../../spec/journal/model/Cell.ts"
import type { JournalOptions } from "../../spec/journal/model/JournalOptions.ts"
import { system } from "../../spec/journal/model/JournalSystem.ts"
import { drawn } from "../link/Draw.ts"
import { numbers, seedOf } from "../link/Numbers.ts"
import { stateQuestion, stepQuestion } from "../link/StepQuestion.ts"
import { and } from "../smt/Formula.ts"
import type { TransitionSystem } from "../smt/TransitionSystem.ts"
import { Solver } from "../solver/Solver.ts"
import { vocabularyOf } from "./EpochFacts.ts"
import { epochProtocol } from "./EpochProtocol.ts"
import { epochsIn, epochStepOf, type EpochStep, parametersOf } from "./EpochSteps.ts"
import { blankEpoch, type EpochState } from "./EpochState.ts"
import { journalCounterparts } from "./JournalLink.ts"

const seed = seedOf(11)
const again = `SEED=${seed} npx vitest run --project compute proofs/journal/JournalLink.compute.test.ts`

const solver = new Solver()
afterAll(() => solver.close())

/** All that one cell can meet but damage, with writes that are one with their step. */
const options: JournalOptions = {
  peers: 4,
  founders: 4,
  replicas: 3,
  requests: 2,
  budget: { suspicions: 3, crashes: 2, restarts: 2, wipes: 1, moves: 2, reads: 2, expiries: 1, drops: 3 },
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

interface Walks {
  readonly options: JournalOptions
  readonly protocol: TransitionSystem
  /** How many steps of each of the proof's actions are held against it. */
  readonly each: number
  /** The one action of the proof that is; all if there is none. */
  readonly only?: string
  /** At least. */
  readonly walks: number
  /** Rules that are to be followed: more walks are taken until they were, ten times as many at most. */
  readonly rules?: ReadonlyArray<string>
  readonly pick: (below: number) => number
}

/** Holds states and steps of one epoch against the proof's formulas, and gathers what differs. */
const judge = (protocol: TransitionSystem, wrong: Array<string>) => {
  const ask = async (text: string, what: string, wanted = "unsat"): Promise<void> => {
    const { verdict } = await solver.ask(text, 20_000)
    if (verdict !== wanted) wrong.push(`${what}: ${verdict}`)
  }
  return {
    state: async (state: EpochState, what: string, claim?: string): Promise<void> => {
      const names = vocabularyOf([state])
      const facts = names.saying(state, "")
      await ask(stateQuestion(protocol, names.sorts, facts, claim), what)
      // What is told of it is no contradiction, of which anything would be true.
      await ask(stateQuestion(protocol, names.sorts, facts, "false"), what, "sat")
    },
    step: async (from: EpochState, step: EpochStep, to: EpochState, what: string): Promise<void> => {
      const { a, b, l } = step.about
      const names = vocabularyOf([from, to], {
        logs: l === undefined ? [] : [l],
        ballots: [a, b].filter((one) => one !== undefined),
      })
      await ask(
        stepQuestion(protocol, {
          sorts: names.sorts,
          action: step.action,
          parameters: parametersOf(step, names),
          before: names.saying(from, ""),
          after: names.saying(to, "+"),
        }),
        what,
      )
    },
  }
}

/** What was wrong in random walks; how often each rule was followed, and each kind of step held against the proof's. */
const walked = async ({ each, only, options: some, pick, protocol, rules = [], walks }: Walks) => {
  const explored = system(some)
  const followed = new Map<string, number>()
  const met = new Map<string, number>()
  const wrong: Array<string> = []
  const held = judge(protocol, wrong)
  const isEnough = (walk: number): boolean =>
    wrong.length > 0 || (walk >= walks && (walk >= 10 * walks || rules.every((rule) => followed.has(rule))))
  for (let walk = 0; !isEnough(walk); walk++) {
    let cell = explored.initial[0] as Cell
    let epochs = epochsIn(cell, [])
    for (let i = 0; i < 60 && wrong.length === 0; i++) {
      const actions = explored.actions(cell)
      const action = drawn(actions, pick, followed)
      if (action === undefined) break
      followed.set(action.rule, (followed.get(action.rule) ?? 0) + 1)
      const next = explored.apply(cell, action)
      const after = epochsIn(next, epochs)
      const step = epochStepOf(cell, action, next)
      const what = `${again}: walk ${walk}, ${explored.describe(action)}`
      if (step !== null && !after.some(({ epoch }) => epoch === step.epoch))
        wrong.push(`${what}: epoch ${step.epoch} is not decided`)
      for (const to of after) {
        const from = epochs.find(({ epoch }) => epoch === to.epoch) ?? blankEpoch(to.epoch, to.view)
        if (step === null || step.epoch !== to.epoch) {
          if (!isSame(from, to)) wrong.push(`${what}: epoch ${to.epoch} is not left as it was`)
        } else if (only === undefined || step.action === only) {
          const isAdopted = step.action === "choose" && step.about.a !== step.about.b
          const kind = isAdopted ? "choose what was accepted" : step.action
          const count = met.get(kind) ?? 0
          met.set(kind, count + 1)
          if (count >= each) continue
          await held.step(from, step, to, what)
          await held.state(to, `${what}, the invariants after it`)
        }
      }
      cell = next
      epochs = after
    }
  }
  return { wrong, followed, met }
}

test("genesis is an epoch of the proof whose members have installed it", async () => {
  const [cell] = system(options).initial
  const [genesis] = cell === undefined ? [] : epochsIn(cell, [])
  if (genesis === undefined) throw new RangeError("there is no epoch")
  const wrong: Array<string> = []
  const held = judge(epochProtocol, wrong)
  const { epoch, view } = genesis
  let state = blankEpoch(epoch, view)
  await held.state(state, "before genesis", and(...epochProtocol.initial))
  for (const [i, node] of genesis.nodes.entries()) {
    const next = { ...state, nodes: state.nodes.with(i, node) }
    const n = view.members[i] ?? 0
    await held.step(state, { epoch, action: "install", about: { n } }, next, `genesis at ${n}`)
    state = next
  }
  expect(state).toEqual(genesis)
  expect(wrong).toEqual([])
})

test("steps of the explored journal are steps of one epoch of the proved one, or none", async () => {
  const rules = journalCounterparts.map(({ explored }) => explored)
  const inside = rules.filter((rule) => !["answer", "retry", "flush", "damage", "hand-over"].includes(rule))
  // Somebody comes to hold what is pulled only after it was asked for: seldom.
  const usual = inside.filter((rule) => rule !== "send-log")
  const { followed, met, wrong } = await walked({
    options,
    protocol: epochProtocol,
    rules: usual,
    each: 3,
    walks: 60,
    pick: numbers(seed),
  })
  expect(wrong).toEqual([])
  const actions = epochProtocol.actions.map(({ name }) => name)
  expect([...met.keys()].toSorted()).toEqual([...actions, "choose what was accepted"].toSorted())
  expect([...followed.keys(), "send-log"]).toEqual(expect.arrayContaining(inside))
})

const budgets = { suspicions: 2, moves: 1, crashes: 1, restarts: 1 }
const small: JournalOptions = { peers: 3, founders: 3, replicas: 3, requests: 1, budget: budgets }

test("a leader that puts another in its place does so by the fast path of the proof", async () => {
  const { followed, met, wrong } = await walked({
    options: { ...small, budget: { handovers: 1 } },
    protocol: epochProtocol,
    rules: ["hand-over"],
    each: 3,
    walks: 5,
    pick: numbers(seed),
  })
  expect(wrong).toEqual([])
  expect(followed.get("hand-over")).toBeGreaterThan(0)
  expect(met.get("fast-path")).toBe(followed.get("hand-over"))
})

test.each([
  ["acknowledge while sealed", "append"],
  ["accept blindly", "accept"],
  ["append after the fast path", "request"],
  ["accept before holding the log", "accept"],
  ["ignore an accepted proposal", "choose"],
] as const)(
  "a broken rule of the explored journal is no step of the proved one: %s",
  async (mutant, only) => {
    const { wrong } = await walked({
      options: { ...small, mutant },
      protocol: epochProtocol,
      each: 50,
      only,
      walks: 200,
      pick: numbers(seed),
    })
    expect(wrong).not.toEqual([])
  },
)

test.each([
  ["append", { log: "(log x)" }],
  ["promise", { over: "(over x y)" }],
  ["accept", { sealed: "(sealed x)" }],
] as const)("another rule in the proof is noticed: %s", async (name, effect) => {
  const actions = epochProtocol.actions.map((action) =>
    action.name === name ? { ...action, effect: { ...action.effect, ...effect } } : action,
  )
  const { wrong } = await walked({
    options: small,
    protocol: { ...epochProtocol, actions },
    each: 20,
    only: name,
    walks: 50,
    pick: numbers(seed),
  })
  expect(wrong).not.toEqual([])
})
