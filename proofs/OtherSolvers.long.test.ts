import { spawnSync } from "node:child_process"
import { expect, test } from "vitest"
import { type Task, tasksOf } from "./Prove.ts"
import { obligations } from "./Systems.ts"

// The same text to solvers of other makes, or of another age, as Debian packs them (z3, cvc5). A solver that is missing is
// reported as a test that was skipped; none is installed.

const SOLVERS = [
  { name: "z3", arguments: ["-in", "-T:60"] },
  // cvc5 finds proofs only: it is asked for no states on small sorts.
  { name: "cvc5", arguments: ["--lang=smt2", "--tlimit=60000", "--full-saturate-quant", "-"] },
] as const

const tasks = tasksOf(obligations.filter(({ name }) => /^(ring|journal)\//.test(name)))

const answer = (name: string, args: ReadonlyArray<string>, { text }: Task): string =>
  spawnSync(name, args, { input: text, encoding: "utf8" }).stdout.trim().split("\n")[0] ?? ""

for (const { name, arguments: args } of SOLVERS) {
  const isMissing = spawnSync(name, ["--version"]).error !== undefined
  const asked = name === "cvc5" ? tasks.filter(({ expect: wanted }) => wanted === "unsat") : tasks
  test.skipIf(isMissing)(
    `${name} gives no answer other than ours${isMissing ? " (unavailable: it is not installed)" : ""}`,
    { timeout: 3_600_000 },
    () => {
      const answers = asked.map((task) => ({ task, verdict: answer(name, args, task) }))
      const other = answers.filter(({ task, verdict }) => verdict !== task.expect)
      const contrary = other.filter(({ verdict }) => verdict === "sat" || verdict === "unsat")
      const agreed = answers.length - other.length
      process.stdout.write(`${name}: ${agreed} of ${answers.length} the same, ${other.length} left open\n`)
      for (const { task, verdict } of other) process.stdout.write(`  ${task.name}: ${verdict}\n`)
      expect(contrary.map(({ task }) => task.name)).toEqual([])
      expect(agreed).toBeGreaterThan(answers.length / 2)
    },
  )
}
