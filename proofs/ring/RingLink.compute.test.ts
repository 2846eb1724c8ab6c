import { expect, test } from "vitest"
import { type Ring, withPeer } from "../../spec/ring/model/Ring.ts"
import type { RingOptions } from "../../spec/ring/model/RingOptions.ts"
import { system, type RingAction } from "../../spec/ring/model/RingSystem.ts"
import { asking } from "../../spec/ring/model/RingRule.ts"
import { numbers, seedOf } from "../link/Numbers.ts"
import { stateQuestion, stepQuestion } from "../link/StepQuestion.ts"
import { and, not } from "../smt/Formula.ts"
import type { TransitionSystem } from "../smt/TransitionSystem.ts"
import { Solver } from "../solver/Solver.ts"
import { circle, circleOfBits } from "./Circle.ts"
import { ringProtocol } from "./RingProtocol.ts"

// Places are numbers and what directly follows them an eighth more: five bits hold four places of eight eighths.
const BITS = 5
const LENGTH = 2
const protocol: TransitionSystem = ringProtocol(LENGTH)
const sorts = `${circleOfBits(BITS)}\n${circle.abbreviations}`
const seed = seedOf(7)
const again = `SEED=${seed} npx vitest run --project compute proofs/ring/RingLink.compute.test.ts`
const bits = (id: number): string => `(_ bv${Math.round(id * 8)} ${BITS})`
const options: RingOptions = {
  rules: "ours",
  peers: 4,
  founders: [0, 1, 2],
  successors: LENGTH,
  failures: 1,
  suspicions: 0,
}

/** What a state of spec says, as formulas of the state before (suffix "") or after ("+") an action. */
const saying = (ring: Ring, suffix: string): ReadonlyArray<string> => {
  const value = (field: string, at: number, is: boolean): string =>
    is ? `(${field}${suffix} ${bits(at)})` : not(`(${field}${suffix} ${bits(at)})`)
  const point = (field: string, at: number, to: number): string =>
    `(= (${field}${suffix} ${bits(at)}) ${bits(to)})`
  return ring.peers.flatMap((peer, at) => {
    const { phase, operation, successors, predecessor, notifiers } = peer
    const isMember = phase === "member"
    const answer = operation?.answer ?? null
    return [
      value("member", at, isMember),
      value("joining", at, phase === "joining"),
      value("dead", at, phase === "dead"),
      ...(isMember
        ? [
            ...successors.map((entry, i) => point(`s${i + 1}`, at, entry)),
            ...(predecessor === null ? [] : [point("prdc", at, predecessor)]),
            value("asks", at, operation !== null),
          ]
        : []),
      ...(operation === null || phase === "absent"
        ? []
        : [
            point("target", at, operation.target),
            ...(answer?.successors.map((entry, i) => point(`a${i + 1}`, at, entry)) ?? []),
            ...(isMember
              ? [
                  value("stabilizes", at, operation.kind === "stabilize"),
                  value("answered", at, answer !== null),
                  ...(answer !== null && answer.predecessor !== null
                    ? [point("ap", at, answer.predecessor)]
                    : []),
                ]
              : []),
          ]),
      ...ring.peers.map((_, other) =>
        (notifiers & (1 << other)) !== 0
          ? `(notified${suffix} ${bits(at)} ${bits(other)})`
          : not(`(notified${suffix} ${bits(at)} ${bits(other)})`),
      ),
    ]
  })
}

/** Nobody is at any other id than the places. */
const nobodyElse = (ring: Ring): ReadonlyArray<string> => {
  const isPlace = `(or ${ring.peers.map((_, at) => `(= x ${bits(at)})`).join(" ")})`
  return [
    `(forall ((x Id)) (=> (not ${isPlace}) (not (or (member x) (joining x) (dead x)))))`,
    `(forall ((x Id) (y Id)) (=> (not ${isPlace}) (not (notified x y))))`,
  ]
}

/** By the names of the parameters of each action: who it happens at, and whom it is about. */
const parametersOf = ({ rule, at, other = at }: RingAction): ReadonlyArray<readonly [string, number]> => {
  const names = protocol.actions.find(({ name }) => name === rule)?.parameters.map(([name]) => name) ?? []
  return names.map((name, i) => [name, [at, other][i] ?? at])
}

type Step = readonly [before: Ring, action: RingAction, after: Ring]

/**
 * A step of what is explored, as what is proved has it. There the way of a query to the first successor is no step of
 * its own, here it is: who stabilizes, or waits for a first successor that is dead, has asked before.
 */
const stepsOf = (ring: Ring, action: RingAction, next: Ring): ReadonlyArray<Step> => {
  const { rule, at } = action
  const peer = ring.peers[at]
  const isAsking = rule === "stabilize" || (rule === "time-out" && peer?.operation === null)
  if (peer === undefined || !isAsking) return [[ring, action, next]]
  const asked = withPeer(ring, at, { ...peer, operation: asking("stabilize", peer.successors[0] ?? at) })
  return [
    [ring, { rule: "stabilize", at }, asked],
    [asked, { rule: rule === "stabilize" ? "answer" : rule, at }, next],
  ]
}

const question = (ring: Ring, action: RingAction, next: Ring): string =>
  stepQuestion(protocol, {
    sorts,
    action: action.rule,
    parameters: Object.fromEntries(parametersOf(action).map(([name, at]) => [name, bits(at)])),
    before: [...saying(ring, ""), ...nobodyElse(ring)],
    after: saying(next, "+"),
  })

/** Those that are about each member; which principals are left is a question of its own. */
const invariantsOf = (ring: Ring): string =>
  stateQuestion(
    protocol,
    sorts,
    [...saying(ring, ""), ...nobodyElse(ring)],
    and("OneLiveSuccessor", "OneLiveInFlight", "QueriesAhead", "OnePhase"),
  )

test("steps of the explored ring are steps of the proved one", async () => {
  const pick = numbers(seed)
  const explored = system(options)
  const solver = new Solver()
  const wrong: Array<string> = []
  const seen = new Map<string, number>()
  try {
    for (let walk = 0; walk < 400 && [...seen.values()].reduce((a, b) => a + b, 0) < 33; walk++) {
      let ring = explored.initial[0] as Ring
      for (let i = 0; i < 30; i++) {
        const actions = explored.actions(ring)
        const action = actions[pick(actions.length)]
        if (action === undefined) break
        const next = explored.apply(ring, action)
        const count = seen.get(action.rule) ?? 0
        if (count < 3) {
          seen.set(action.rule, count + 1)
          const state = await solver.ask(invariantsOf(next), 20_000)
          if (state.verdict !== "unsat")
            wrong.push(`${again}: an invariant after ${explored.describe(action)} ${state.verdict}`)
          for (const [before, step, after] of stepsOf(ring, action, next)) {
            const { verdict } = await solver.ask(question(before, step, after), 20_000)
            if (verdict !== "unsat") wrong.push(`${again}: ${explored.describe(step)} ${verdict}`)
          }
        }
        ring = next
      }
    }
    // A step that is told wrongly is noticed: who stabilizes is said not to ask.
    const ring = explored.initial[0] as Ring
    const action = { rule: "stabilize", at: 0 }
    const { verdict } = await solver.ask(question(ring, action, ring), 20_000)
    expect(verdict).toBe("sat")
  } finally {
    solver.close()
  }
  expect(wrong).toEqual([])
  expect([...seen.keys()].toSorted()).toEqual(protocol.actions.map(({ name }) => name).toSorted())
})
