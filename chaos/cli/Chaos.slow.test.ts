import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execa } from "execa"
import { afterAll, expect, test } from "vitest"
import { validHistory } from "../check/testing/Histories.ts"
import { runOf } from "../check/testing/Runs.ts"
import { drawPlan, usualSizes } from "../plan/DrawPlan.ts"
import { planText } from "../plan/ReadPlan.ts"
import { writeRun } from "../store/RunFiles.ts"
import { newRunDirectory } from "../store/Store.ts"

const root = join(import.meta.dirname, "../..")
const store = mkdtempSync(join(tmpdir(), "ringstead-chaos-"))
afterAll(() => rmSync(store, { recursive: true, force: true }))

const chaos = (...args: ReadonlyArray<string>) =>
  execa(process.execPath, [join(root, "node/main.ts"), "chaos", ...args, "--store", store], {
    reject: false,
    timeout: 60_000,
  })

test("a plan is played, kept, listed, judged again, and shrunk: exit 0 for valid, 1 for invalid, 2 for unknown", async () => {
  const file = join(store, "plan.json")
  writeFileSync(
    file,
    planText(drawPlan("crash", 3, { ...usualSizes, cells: 4, calmMs: 1_000, faultsMs: 4_000, load: 0.5 })),
  )
  const good = await chaos("replay", file)
  expect([good.exitCode, good.stderr]).toEqual([0, ""])
  expect(good.stdout).toMatch(/VALID: every claim holds\nreport .*report\.html$/)
  expect((await chaos("check", "latest")).exitCode).toBe(0)

  const bad = await chaos("replay", file, "--mutant", "send-before-the-flush")
  expect(bad.exitCode).toBe(1)
  expect(bad.stdout).toMatch(/FAIL.*traces are a behaviour of the spec/)
  expect((await chaos("check", "latest")).exitCode).toBe(1)

  const out = join(store, "shrunk.json")
  const shrunk = await chaos("shrink", "latest", "--mutant", "send-before-the-flush", "--out", out)
  expect(shrunk.stdout).toMatch(
    /^\d+ faults became 0, in \d+ runs\nstill: .*\nrepeat: ringstead chaos replay .*shrunk\.json/,
  )
  expect((await chaos("shrink", file, "--out", out)).exitCode).toBe(2)

  const history = validHistory({
    seed: 1,
    workload: "counter",
    clients: 1,
    processes: 1,
    calls: 5,
    lost: 0,
    refused: 0,
  })
  writeRun(newRunDirectory(store, "crash", Date.now() + 60_000, 1), runOf({ history }))
  const unknown = await chaos("check", "latest")
  expect([unknown.exitCode, unknown.stdout.split("\n").at(-1)?.slice(0, 7)]).toEqual([2, "UNKNOWN"])

  const list = await chaos("list")
  expect(list.stdout.split("\n").map((line) => line.split(" ")[0])).toEqual(["valid", "invalid", "unknown"])
})

test("a shrunk plan fails on processes too, and says how often; without the fault in the code it does not", async () => {
  const file = join(store, "small.json")
  const sizes = { ...usualSizes, peers: 3, cells: 4, calmMs: 500, faultsMs: 2_000, load: 0.5 }
  writeFileSync(file, planText(drawPlan("crash", 3, sizes)))
  const out = join(store, "smaller.json")
  const mutant = "acknowledge-before-the-flush"
  const shrunk = await chaos("shrink", file, "--mutant", mutant, "--out", out, "--confirm", "1")
  expect([shrunk.exitCode, shrunk.stdout]).toEqual([0, shrunk.stdout])
  expect(shrunk.stdout).toContain(
    `on processes: 1 of 1 runs are invalid, 0 unknown\nrepeat: ringstead chaos replay ${out} --on processes --mutant ${mutant}`,
  )
  const well = await chaos("replay", out, "--on", "processes")
  // So little is left of the plan that it may be too little for a verdict; but nothing in it is wrong.
  const flaws = well.stdout.split("\n").filter((line) => /^(FAIL|\?) /.test(line))
  expect(flaws.filter((line) => !/^\? +enough traffic/.test(line))).toEqual([])
  expect(well.exitCode).toBe(flaws.length === 0 ? 0 : 2)
})

test.each([
  [
    "a run that is not there",
    ["check", "nothing"],
    78,
    /there is no run nothing, .* 'ringstead chaos list' shows all$/,
  ],
  [
    "a plan that is none",
    ["replay", join(root, "package.json")],
    78,
    /package\.json: name: there is no such field/,
  ],
  [
    "a mutant that is none",
    ["replay", "PLAN", "--mutant", "x"],
    64,
    /there is no mutant 'x'; there are acknowledge-while-sealed/,
  ],
  ["no run at all", ["check"], 64, /RUN/],
])("refused in one line: %s", async (_, args, code, message) => {
  const file = join(store, "refused.json")
  writeFileSync(file, planText(drawPlan("crash", 3)))
  const { exitCode, stderr } = await chaos(...args.map((arg) => (arg === "PLAN" ? file : arg)))
  expect([exitCode, stderr.split("\n").length]).toEqual([code, 1])
  expect(stderr).toMatch(message)
})
