import { expect, test } from "vitest"
import { mutantTasks, type Outcome, prove, tasksOf, verdictOf } from "./Prove.ts"
import type { Obligation } from "./smt/Obligation.ts"
import { circle } from "./ring/Circle.ts"
import { isQuick, mutants, obligations } from "./Systems.ts"

const wrong = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<string> =>
  outcomes
    .filter((one) => verdictOf(one) !== "ok")
    .map(({ task, answer }) => `${task.name}: ${answer.verdict}`)

// Half of the ring's steps are left to `ringstead prove`: all of them take longer than a test may.
const few = obligations.filter(
  (one) => isQuick(one) && !/^ring\/L2\/(init|enter|answer|drop|lose|rectify|stabilize)$/.test(one.name),
)

test("a subset of the obligations is proved, and none holds for want of a state", async () => {
  const outcomes = await prove(tasksOf(few), { width: 2 })
  expect(wrong(outcomes)).toEqual([])
  expect(outcomes.length).toBeGreaterThan(200)
})

test("mutants of the journal are refuted", async () => {
  const some = mutants.filter(({ obligation }) => obligation.name.startsWith("journal/"))
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
