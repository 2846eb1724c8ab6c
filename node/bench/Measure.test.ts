import { expect, test } from "vitest"
import type { Candidate, MicroRow } from "./BenchRow.ts"
import { measure } from "./Measure.ts"

/** Candidates that take a known time on a clock of their own. */
const laboratory = (nsEach: Readonly<Record<string, number>>) => {
  let ms = 0
  const log: Array<string> = []
  const candidates: ReadonlyArray<Candidate> = Object.entries(nsEach).map(([name, ns]) => ({
    name,
    prepare: () => void log.push(`prepare ${name}`),
    run: (n) => {
      ms += (n * ns) / 1e6
      log.push(`${name} ${n}`)
    },
    release: () => void log.push(`release ${name}`),
  }))
  const row: MicroRow = { row: 1, title: "laboratory", candidates }
  const options = { rounds: 3, sampleMs: 8, clock: () => ms, signal: new AbortController().signal }
  return { row, options, log }
}

test("every candidate gets a sample a round, of about the wanted length, and its time an operation", async () => {
  const { row, options, log } = laboratory({ slow: 1_000_000, fast: 250 })
  const samples = await measure(row, options)
  expect(samples.map(({ candidate, values }) => [candidate, values.length])).toEqual([
    ["slow", 3],
    ["fast", 3],
  ])
  for (const value of samples[0]?.values ?? []) expect(value).toBeCloseTo(1_000_000)
  for (const value of samples[1]?.values ?? []) expect(value).toBeCloseTo(250)
  expect(log.slice(-8)).toEqual([
    "slow 8",
    "fast 32000",
    "fast 32000",
    "slow 8",
    "slow 8",
    "fast 32000",
    "release slow",
    "release fast",
  ])
})

test("nothing counts before the candidate has stopped getting faster", async () => {
  let ms = 0
  const run = (n: number): void => {
    ms += (n * (ms < 50 ? 1000 : 100)) / 1e6
  }
  const { options } = laboratory({})
  const row: MicroRow = { row: 1, title: "compiled later", candidates: [{ name: "compiled later", run }] }
  const [samples] = await measure(row, { ...options, clock: () => ms })
  for (const value of samples?.values ?? []) expect(value).toBeCloseTo(100)
})

test("candidates that return promises are waited for", async () => {
  let ms = 0
  const run = async (n: number): Promise<void> => {
    await Promise.resolve()
    ms += n * 5
  }
  const { options } = laboratory({})
  const row: MicroRow = { row: 1, title: "later", candidates: [{ name: "later", run }] }
  const [samples] = await measure(row, { ...options, clock: () => ms })
  expect(samples?.values).toEqual([5e6, 5e6, 5e6])
})

test("what was prepared is released when a candidate fails or the run is aborted", async () => {
  const failing = laboratory({ good: 1000 })
  const bad: Candidate = {
    name: "bad",
    run: () => {
      throw new Error("broken")
    },
  }
  const row = { ...failing.row, candidates: [...failing.row.candidates, bad] }
  await expect(measure(row, failing.options)).rejects.toThrow("broken")
  expect(failing.log.at(-1)).toBe("release good")

  const aborted = laboratory({ good: 1000 })
  const signal = AbortSignal.abort(new Error("enough"))
  await expect(measure(aborted.row, { ...aborted.options, signal })).rejects.toThrow("enough")
  expect(aborted.log).toEqual(["prepare good", "release good"])
})
