import { Worker } from "node:worker_threads"
import { afterAll, expect, test } from "vitest"
import { type Mutant, mutants } from "./Mutants.ts"
import type { Task, Verdict } from "./testing/MutantWorker.ts"

/** Walks at most for each mutant, after the schedules; the same ones for all of them, and every time. */
const WALKS = 400
const seeds = Array.from({ length: WALKS }, (_, n) => 5_000 + n)

/** Mutants at a time: as many as there are cores on the machines that this runs on. */
const LANES = 2

const judge = (mutant: Mutant): Promise<Verdict> =>
  new Promise((resolve, reject) => {
    const task: Task = { patches: mutant.patches, seeds }
    const worker = new Worker(new URL("testing/MutantWorker.ts", import.meta.url), { workerData: task })
    worker.once("message", (verdict: Verdict) => resolve(verdict))
    worker.once("error", reject)
    worker.once("exit", () => reject(new Error(`the worker of "${mutant.name}" ended without a word`)))
  })

const rows: Array<string> = []

const row = (name: string, how: string, where: string, seconds: string): string =>
  `${name.padEnd(52)}${how.padEnd(34)}${where.padEnd(80)}${seconds.padStart(6)}`

afterAll(() => {
  const [first, ...rest] = [row("mutant", "caught by", "in", "s"), ...rows]
  console.log([first, ...rest.toSorted()].join("\n"))
})

const told = (name: string, verdict: Verdict): string => {
  const caught = verdict.safety ?? verdict.other
  const seconds = (verdict.ms / 1_000).toFixed(1)
  if (caught === null) return row(name, "NOTHING", `${verdict.walks} walks`, seconds)
  const where = caught.walks === 0 ? caught.where : `walk ${caught.walks}, ${caught.where}`
  return row(name, caught.claim, where, seconds)
}

test("the unchanged code passes what mutants are caught by", { timeout: 300_000 }, async () => {
  const verdict = await judge({ name: "none", patches: [] })
  rows.push(told("(none)", verdict))
  expect([verdict.safety, verdict.other]).toEqual([null, null])
})

test("every mutant of journal.md is caught by a promise of safety", { timeout: 900_000 }, async () => {
  const todo = [...mutants]
  const escaped: Array<string> = []
  const work = async (): Promise<void> => {
    for (let mutant = todo.shift(); mutant !== undefined; mutant = todo.shift()) {
      const verdict = await judge(mutant)
      rows.push(told(mutant.name, verdict))
      if (verdict.safety === null) escaped.push(mutant.name)
    }
  }
  await Promise.all(Array.from({ length: LANES }, work))
  expect(escaped).toEqual([])
})
