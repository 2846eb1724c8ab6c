import { spawnSync } from "node:child_process"
import { expect, test } from "vitest"
import { type Task, tasksOf } from "./Prove.ts"
import { obligations } from "./Systems.ts"

// The same text to solvers of other makes, or of another age, as Debian packs them (z3, cvc5). A solver that is missing is
// reported as a test that was skipped; none is installed.

interface OtherSolver {
  readonly name: string
  /** Ways to ask, one after the other until one is answered. */
  readonly ways: ReadonlyArray<ReadonlyArray<string>>
  /** Whether it has to answer everything. cvc5 finds proofs, and is asked for no states on small sorts. */
  readonly decidesAll: boolean
}

const SOLVERS: ReadonlyArray<OtherSolver> = [
  {
    name: "z3",
    // The second time is for a machine that did much else meanwhile.
    ways: [
      ["-in", "-T:60"],
      ["-in", "-T:300"],
    ],
    decidesAll: true,
  },
  {
    name: "cvc5",
    ways: [
      ["--lang=smt2", "--tlimit=10000", "--full-saturate-quant", "-"],
      ["--lang=smt2", "--tlimit=10000", "--full-saturate-quant", "--no-e-matching", "-"],
      ["--lang=smt2", "--tlimit=60000", "-"],
    ],
    decidesAll: false,
  },
]

const tasks = tasksOf(obligations)

const isAnswer = (verdict: string): boolean => verdict === "sat" || verdict === "unsat"

const answer = ({ name, ways }: OtherSolver, { text }: Task): string => {
  let verdict = ""
  for (const args of ways) {
    verdict = spawnSync(name, args, { input: text, encoding: "utf8" }).stdout.trim().split("\n")[0] ?? ""
    if (isAnswer(verdict)) break
  }
  return verdict
}

for (const solver of SOLVERS) {
  const { decidesAll, name } = solver
  const isMissing = spawnSync(name, ["--version"]).error !== undefined
  const asked = decidesAll ? tasks : tasks.filter(({ expect: wanted }) => wanted === "unsat")
  test.skipIf(isMissing)(
    `${name} gives ${decidesAll ? "the same answers" : "no answer other than ours"}${isMissing ? " (unavailable: it is not installed)" : ""}`,
    { timeout: 3_600_000 },
    () => {
      const answers = asked.map((task) => ({ task, verdict: answer(solver, task) }))
      const open = answers.filter(({ verdict }) => !isAnswer(verdict))
      const contrary = answers.filter(({ task, verdict }) => isAnswer(verdict) && verdict !== task.expect)
      const agreed = answers.length - open.length - contrary.length
      process.stdout.write(`${name}: ${agreed} of ${answers.length} the same, ${open.length} left open\n`)
      for (const { task, verdict } of open) process.stdout.write(`  ${task.name}: ${verdict}\n`)
      expect(contrary.map(({ task }) => task.name)).toEqual([])
      expect(agreed).toBeGreaterThanOrEqual(decidesAll ? answers.length : 0.95 * answers.length)
    },
  )
}
