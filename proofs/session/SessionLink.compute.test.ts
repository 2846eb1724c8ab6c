import { afterAll, expect, test } from "vitest"
import type { Session } from "../../spec/session/Session.ts"
import { type SessionOptions, system } from "../../spec/session/SessionSystem.ts"
import { drawn } from "../link/Draw.ts"
import { numbers, seedOf } from "../link/Numbers.ts"
import { stateQuestion, stepQuestion } from "../link/StepQuestion.ts"
import { and } from "../smt/Formula.ts"
import type { TransitionSystem } from "../smt/TransitionSystem.ts"
import { Solver } from "../solver/Solver.ts"
import { sessionProtocol } from "./Session.ts"
import { sessionCounterparts } from "./SessionLink.ts"
import { saying, type SessionState, sessionState, sorts } from "./SessionState.ts"
import { sessionStepsOf } from "./SessionSteps.ts"

const seed = seedOf(5)
const again = `SEED=${seed} npx vitest run --project compute proofs/session/SessionLink.compute.test.ts`

/** All that a session can meet but an instance that does what nobody asked for. */
const options: SessionOptions = {
  peers: 3,
  requests: 3,
  budget: { takeovers: 4, crashes: 2, timeouts: 1 },
}

const solver = new Solver()
afterAll(() => solver.close())

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

interface Walks {
  readonly options: SessionOptions
  readonly protocol: TransitionSystem
  /** How many steps of each of the proof's actions are held against it. */
  readonly each: number
  /** The one action of the proof that is; all if there is none. */
  readonly only?: string
  readonly walks: number
  readonly pick: (below: number) => number
}

/** What was wrong in random walks; how often each rule was followed, and each of the proof's actions met. */
const walked = async ({ each, only, options: some, pick, protocol, walks }: Walks) => {
  const explored = system(some)
  const followed = new Map<string, number>()
  const met = new Map<string, number>()
  const wrong: Array<string> = []
  const ask = async (text: string, what: string, wanted = "unsat"): Promise<void> => {
    const { verdict } = await solver.ask(text, 20_000)
    if (verdict !== wanted) wrong.push(`${what}: ${verdict}`)
  }
  for (let walk = 0; walk < walks && wrong.length === 0; walk++) {
    let session = explored.initial[0] as Session
    let state: SessionState = sessionState(session, null)
    if (walk === 0)
      await ask(
        stateQuestion(protocol, sorts, saying(state, ""), and(...protocol.initial)),
        `${again}: it begins otherwise`,
      )
    for (let i = 0; i < 60 && wrong.length === 0; i++) {
      const actions = explored.actions(session)
      const action = drawn(actions, pick, followed)
      if (action === undefined) break
      followed.set(action.rule, (followed.get(action.rule) ?? 0) + 1)
      const next = explored.apply(session, action)
      const to = sessionState(next, state)
      const what = `${again}: walk ${walk}, ${explored.describe(action)}`
      for (const step of sessionStepsOf(session, action, next, state, to)) {
        const before = saying(state, "")
        state = step.after
        const count = met.get(step.action) ?? 0
        met.set(step.action, count + 1)
        if (count >= each || (only !== undefined && step.action !== only)) continue
        const { action: name, parameters } = step
        const after = saying(state, "+")
        await ask(
          stepQuestion(protocol, { sorts, action: name, parameters, before, after }),
          `${what}, ${name}`,
        )
        await ask(stateQuestion(protocol, sorts, saying(state, "")), `${what}, the invariants after it`)
        // What is told of the states is no contradiction, of which anything would be true.
        if (count === 0) await ask(stateQuestion(protocol, sorts, before, "false"), what, "sat")
      }
      if (!isSame(state, to)) wrong.push(`${what}: nothing should have changed, or something else`)
      state = to
      session = next
    }
  }
  return { wrong, followed, met }
}

test("steps of the explored session are steps of the proved one, or none", async () => {
  const { followed, met, wrong } = await walked({
    options,
    protocol: sessionProtocol,
    each: 5,
    walks: 400,
    pick: numbers(seed),
  })
  expect(wrong).toEqual([])
  expect([...met.keys()].toSorted()).toEqual(sessionProtocol.actions.map(({ name }) => name).toSorted())
  expect([...followed.keys(), "diverge"].toSorted()).toEqual(
    sessionCounterparts.map(({ explored }) => explored).toSorted(),
  )
})

test.each([
  ["duplicates looked up among committed entries only", "run"],
  ["answer before the commit", "answer"],
] as const)(
  "a broken rule of the explored session is no step of the proved one: %s",
  async (mutant, only) => {
    const { wrong } = await walked({
      options: { peers: 2, requests: 2, budget: { takeovers: 2, crashes: 1 }, mutant },
      protocol: sessionProtocol,
      each: 100,
      only,
      walks: 60,
      pick: numbers(seed),
    })
    expect(wrong).not.toEqual([])
  },
)

test.each([
  ["run", { twice: "true" }],
  ["journal", { earlier: "(earlier x y)" }],
] as const)("another rule in the proof is noticed: %s", async (name, effect) => {
  const actions = sessionProtocol.actions.map((action) =>
    action.name === name ? { ...action, effect: { ...action.effect, ...effect } } : action,
  )
  const { wrong } = await walked({
    options,
    protocol: { ...sessionProtocol, actions },
    each: 60,
    only: name,
    walks: 60,
    pick: numbers(seed),
  })
  expect(wrong).not.toEqual([])
})
