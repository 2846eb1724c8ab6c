import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import type { BenchRow, Goal } from "./BenchRow.ts"
import { type BenchOptions, runBench } from "./RunBench.ts"
import { loadSuite, SUITE_NAMES } from "./Suites.ts"

const processRow = (goal: Goal, values: Readonly<Record<string, ReadonlyArray<number>>>): BenchRow => ({
  row: 9,
  title: "whole path",
  unit: "ms",
  goal,
  measure: async () => Object.entries(values).map(([candidate, list]) => ({ candidate, values: list })),
})

/** Runs the rows and returns the report with the lines written. */
const run = async (rows: ReadonlyArray<BenchRow>, options: BenchOptions = {}) => {
  const lines: Array<string> = []
  const report = await runBench(rows, { ...options, write: (line) => lines.push(line) })
  return { report, lines }
}

const verdictOf = async (goal: Goal, values: Readonly<Record<string, ReadonlyArray<number>>>) =>
  (await run([processRow(goal, values)])).report.rows[0]?.verdict

test("the table: aligned columns, ratios against the reference, the goal with its verdict", async () => {
  const goal = { against: "HAProxy", atMost: 3 }
  const { lines } = await run([processRow(goal, { HAProxy: [0.25, 0.26, 0.24], ringstead: [0.5, 12, 0.6] })])
  expect(lines.slice(0, -1)).toEqual([
    "9  whole path",
    "   HAProxy    0.25 ms  (0.24 - 0.26)",
    "   ringstead  0.60 ms  (0.55 - 6.30)  2.50x  (2.25 - 24.3)",
    "   goal: ringstead at most 3x HAProxy: 2.50x, met",
    "",
    "1 of 1 goals met",
  ])
  expect(lines.at(-1)).toContain(`Node ${process.version}`)
})

test("goals: at most, at least, of a named candidate, of the worst sample, in the row's own unit", async () => {
  const values = { ours: [30, 31, 29], theirs: [10, 10, 10], third: [1, 9, 2] }
  expect(await verdictOf({ of: "ours", against: "theirs", atMost: 2 }, values)).toEqual({
    goal: "at most 2x theirs",
    of: "ours",
    found: 3,
    unit: "x",
    isMet: false,
  })
  expect(await verdictOf({ of: "ours", against: "theirs", atLeast: 3 }, values)).toMatchObject({
    isMet: true,
  })
  expect(await verdictOf({ atMost: 7 }, values)).toMatchObject({ of: "third", found: 2, isMet: true })
  expect(await verdictOf({ atMost: 7, figure: "worst" }, values)).toEqual({
    goal: "worst at most 7 ms",
    of: "third",
    found: 9,
    unit: "ms",
    isMet: false,
  })
})

test("a row that cannot be measured says why and stops no other", async () => {
  const broken: BenchRow = {
    row: 8,
    title: "dispatcher alone",
    unit: "req/s",
    measure: async () => {
      throw new Error("haproxy was not found; install it")
    },
  }
  const misnamed = processRow({ of: "nobody", atMost: 1 }, { ours: [1] })
  const { lines, report } = await run([broken, misnamed, processRow({ atMost: 2 }, { ours: [1] })])
  expect(lines).toContain("   not measured: haproxy was not found; install it")
  expect(lines).toContain(
    '   not measured: the goal of "whole path" names nobody, but only these were measured: ours',
  )
  expect(lines).toContain("1 of 1 goals met; 2 of 3 rows not measured")
  expect(report.rows.map((row) => row.problem === undefined)).toEqual([false, false, true])
})

test("an aborted run ends with the signal's reason", async () => {
  const controller = new AbortController()
  const aborting: BenchRow = {
    row: 1,
    title: "endless",
    candidates: [{ name: "endless", run: () => controller.abort(new Error("stopped by hand")) }],
  }
  await expect(run([aborting], { signal: controller.signal })).rejects.toThrow("stopped by hand")
})

test("figures go to a file as comma-separated values", async () => {
  const directory = await mkdtemp(join(tmpdir(), "ringstead-bench-"))
  onTestFinished(() => rm(directory, { recursive: true }))
  const csv = join(directory, "figures.csv")
  await run([processRow({ against: 'a "b", c', atMost: 3 }, { 'a "b", c': [2], ours: [4] })], { csv })
  expect(await readFile(csv, "utf8")).toBe(
    [
      "row,title,candidate,unit,median,q1,q3,worst,ratio,ratio_q1,ratio_q3,goal,met",
      '9,whole path,"a ""b"", c",ms,2,2,2,2,,,,,',
      '9,whole path,ours,ms,4,4,4,4,2,2,2,"at most 3x a ""b"", c",true',
      "",
    ].join("\r\n"),
  )
})

test("every suite loads; its rows have different titles, and goals that name their candidates", async () => {
  for (const name of SUITE_NAMES) {
    const rows = await loadSuite(name)
    const titles = rows.map(({ row, title }) => `${row} ${title}`)
    expect(new Set(titles).size).toBe(titles.length)
    for (const row of rows) {
      const names = "candidates" in row ? row.candidates.map((candidate) => candidate.name) : []
      const named = [row.goal?.of, row.goal?.against].filter((one) => one !== undefined)
      const isSound = "measure" in row || named.every((one) => names.includes(one))
      expect({ title: row.title, isSound }).toEqual({ title: row.title, isSound: true })
    }
  }
})

test("the rows of this process run: one short round of each", async () => {
  const rows = (await loadSuite("micro")).filter(({ title }) => !title.includes("1000000"))
  const { report } = await run(rows, { rounds: 1, sampleMs: 0.1 })
  expect(report.rows.flatMap(({ problem }) => problem ?? [])).toEqual([])
})
