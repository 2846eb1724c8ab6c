import { expect, test } from "vitest"
import { mutantTasks, type Outcome, prove, tasksOf, verdictOf } from "./Prove.ts"
import type { Obligation } from "./smt/Obligation.ts"
import { circle } from "./ring/Circle.ts"
import { mutants, obligations } from "./Systems.ts"

const wrong = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<string> =>
  outcomes
    .filter((one) => verdictOf(one) !== "ok")
    .map(({ task, answer }) => `${task.name}: ${answer.verdict}`)

// A part of each system that takes seconds; `ringstead prove` asks everything.
const few = obligations.filter(({ name }) =>
  /^(ring\/(shape\/|L2\/(hear|time-out|NoDup|Ordered|Best))|journal\/(commit|accept|chain\/|OneView|Committed)|session\/(run|change-view|Serves)|arithmetic\/[A-Z])/.test(
    name,
  ),
)

test("a subset of the obligations is proved, and none holds for want of a state", async () => {
  const outcomes = await prove(tasksOf(few), { width: 2 })
  expect(wrong(outcomes)).toEqual([])
  expect(outcomes.length).toBeGreaterThan(100)
})

test("mutants are refuted", async () => {
  const some = mutants.filter(({ obligation }) =>
    /^(session|journal\/(commit|append|request))/.test(obligation.name),
  )
  expect(wrong(await prove(mutantTasks(some), { width: 2 }))).toEqual([])
  expect(some.length).toBeGreaterThan(9)
})

const claim = (hypotheses: ReadonlyArray<string>, goal: string): Obligation => ({
  name: "test/claim",
  claim: "",
  theory: circle,
  declarations: "(declare-const a Id) (declare-const b Id) (declare-const c Id)",
  hypotheses,
  goals: [{ name: "goal", formula: goal }],
})

test("what is false is not proved, nor what follows from a contradiction, nor what cannot be read", async () => {
  const tasks = [
    claim(["(distinct a b c)"], "(cyc a b c)"),
    claim(["(cyc a b c)", "(cyc c b a)"], "(= a b)"),
    claim(["(nonsense a)"], "(= a b)"),
  ].flatMap((one) => tasksOf([one]).filter(({ name }) => !name.startsWith("axioms/")))
  const [wrongProof, , emptyProof, emptyWitness, nonsense] = (await prove(tasks, { width: 1 })).map(verdictOf)
  expect([wrongProof, emptyProof, emptyWitness, nonsense]).not.toContain(undefined)
  expect(wrongProof).not.toBe("ok")
  expect(emptyProof).toBe("ok")
  expect(emptyWitness).toBe("refuted")
  expect(nonsense).toBe("unknown")
})

test("what is left open is asked again before it is told of, and nothing is asked after an interruption", async () => {
  const [, open] = tasksOf([claim(["(nonsense a)"], "(= a b)")])
  const [, task] = tasksOf([claim(["(cyc a b c)"], "(cyc b c a)")])
  if (open === undefined || task === undefined) throw new RangeError("there is no question")
  const told: Array<string> = []
  await prove([open, task], { width: 1, onOutcome: (outcome) => told.push(verdictOf(outcome)) })
  expect(told).toEqual(["ok", "unknown"])
  const stop = new AbortController()
  const many = Array.from({ length: 50 }, () => task)
  const answered = await prove(many, { width: 2, signal: stop.signal, onOutcome: () => stop.abort() })
  expect(answered.length).toBeLessThan(5)
})
