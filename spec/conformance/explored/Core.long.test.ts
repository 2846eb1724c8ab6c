import { afterAll, expect, test } from "vitest"
import { mutants, type Patch } from "../mutants/Mutants.ts"
import { type CoreOptions, largest, scopes } from "./CoreSystem.ts"
import { inWorker } from "./testing/InWorker.ts"

const rows: Array<string> = []

afterAll(() => console.log(rows.join("\n")))

const told = async (name: string, patches: ReadonlyArray<Patch>, options: CoreOptions, states: number) => {
  const began = performance.now()
  const found = await inWorker({ patches, options, states })
  const seconds = (performance.now() - began) / 1_000
  const rate = Math.round(found.distinct / seconds)
  rows.push(
    `${name.padEnd(66)}${found.distinct.toString().padStart(9)} states ${seconds.toFixed(0).padStart(4)} s ${rate.toString().padStart(6)}/s  ${found.finding ?? "holds"}`,
  )
  return found
}

test.each([...scopes({}), largest])("$name", { timeout: 3_600_000 }, async ({ name, options }) => {
  const found = await told(name, [], options, 50_000_000)
  expect(found).toMatchObject({ finding: null, isComplete: true, unseen: [] })
})

const crash: CoreOptions = { requests: 1, crashes: 1, restarts: 1, mistakes: 1, waits: 0 }

/** Weakened rules that are found here, each with what it takes; two of them no random walk ever met. */
const FOUND: ReadonlyArray<readonly [name: string, options: CoreOptions]> = [
  ["acknowledge while sealed", crash],
  ["a sealed leader that counts itself", crash],
  ["acknowledge empty heartbeats while sealed", { ...crash, crashes: 0, restarts: 0, waits: 1 }],
  ["take any promised log instead of the longest", crash],
  ["acknowledge before the flush", crash],
]

test.each(FOUND)("%s", { timeout: 900_000 }, async (name, options) => {
  const patches = mutants.find((one) => one.name === name)?.patches ?? []
  const found = await told(name, patches, options, 300_000)
  expect(found.finding).not.toBeNull()
})
