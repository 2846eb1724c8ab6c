import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Browser, chromium } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { judgeRun } from "../check/Judge.ts"
import type { Run } from "../check/Run.ts"
import { spanOf, metFaults } from "../check/Run.ts"
import { drawPlan, usualSizes } from "../plan/DrawPlan.ts"
import { openSimulator } from "../replay/Simulator.ts"
import { reportOf } from "./Report.ts"

// Debian and others call it by either name.
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
)

const directory = mkdtempSync(join(tmpdir(), "ringstead-report-"))
let browser: Browser | undefined

beforeAll(async () => {
  if (executablePath === undefined) return
  const args = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ]
  browser = await chromium.launch({ executablePath, args })
})

afterAll(async () => {
  await browser?.close()
  rmSync(directory, { recursive: true, force: true })
})

/** Opens a report as a reader does, and says what the page asked for and complained of beside itself. */
const opened = async (name: string, html: string, colorScheme: "dark" | "light") => {
  if (browser === undefined) throw new Error("there is no browser")
  const file = join(directory, `${name}.html`)
  writeFileSync(file, html)
  const page = await browser.newPage({
    colorScheme,
    javaScriptEnabled: false,
    viewport: { width: 1_280, height: 900 },
  })
  const noise: Array<string> = []
  page.on("console", (message) => noise.push(message.text()))
  page.on("pageerror", (error) => noise.push(error.message))
  page.on("request", (request) => {
    if (request.url() !== `file://${file}`) noise.push(request.url().slice(0, 100))
  })
  await page.goto(`file://${file}`)
  return { page, noise }
}

const played = async (mutant: string | null): Promise<Run> => {
  const plan = drawPlan("crash", 3, { ...usualSizes, cells: 8, calmMs: 1_000, faultsMs: 12_000, load: 0.5 })
  const simulator = openSimulator(mutant)
  try {
    return await simulator.play(plan, "ringstead chaos replay plan.json")
  } finally {
    await simulator.close()
  }
}

test.skipIf(executablePath === undefined)(
  "a reader sees the verdict and why at once, every fault, every client, and nothing is asked of anybody (needs chromium)",
  async () => {
    const run = await played(null)
    const results = judgeRun(run)
    const { page, noise } = await opened("valid", reportOf(run, results), "light")
    const verdict = page.locator(".verdict")
    expect(await verdict.innerText()).toBe("valid")
    for (const seen of [verdict, page.locator(".why"), page.locator(".repeat")])
      expect(((await seen.boundingBox())?.y ?? Infinity) < 900).toBe(true)
    expect(await page.locator(".repeat").innerText()).toBe("ringstead chaos replay plan.json")
    expect(await page.locator(".findings li").count()).toBe(results.findings.length)
    const applied = metFaults(run).filter((one) => spanOf(one, run) !== null).length
    expect(applied).toBeGreaterThan(0)
    for (const chart of ["#clients", "#latency", "#leadership"])
      expect(await page.locator(`${chart} .band`).count()).toBe(applied)
    const connections = new Set(
      run.calls.filter(({ invoke }) => invoke.final !== true).map(({ invoke }) => invoke.process),
    )
    expect(await page.locator("#clients path.answered").count()).toBe(connections.size)
    expect(await page.locator("#rings figure").count()).toBe(3)
    expect(await page.locator("#faults tbody tr").count()).toBe(run.plan.faults.length)
    expect(await page.locator("#failure").count()).toBe(0)
    // Nothing is wider than the window.
    expect(await page.locator("main").evaluate((main) => main.scrollWidth <= main.clientWidth)).toBe(true)
    expect(noise).toEqual([])
    await page.close()
  },
)

test.skipIf(executablePath === undefined)(
  "of a run that is invalid a reader sees what contradicts what, and the traces around it (needs chromium)",
  async () => {
    const run = await played("acknowledge-while-sealed")
    const { page, noise } = await opened("invalid", reportOf(run, judgeRun(run)), "dark")
    expect(await page.locator(".verdict").innerText()).toBe("invalid")
    expect(await page.locator("#failure article").count()).toBeGreaterThan(0)
    expect(await page.locator("#failure mark").first().innerText()).toBe("acked")
    const colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    expect(await page.evaluate(colours)).toEqual(["rgb(21, 23, 26)", "rgb(230, 228, 223)"])
    expect(noise).toEqual([])
    await page.close()
  },
)

test("a hundred clients and ten minutes make a report of a few megabytes at most, whatever their names are", async () => {
  const run = await played(null)
  const longer: Run = {
    ...run,
    calls: Array.from({ length: 100 }, (_, n) => n).flatMap((n) =>
      Array.from({ length: 2_400 }, (__, m) => {
        const time = run.record.calmAt + m * 250e6
        const invoke = {
          index: 0,
          process: n,
          type: "invoke" as const,
          f: "increment" as const,
          workload: "counter" as const,
          client: "<script>",
          value: null,
          time,
        }
        return {
          invoke,
          outcome: "ok" as const,
          end: { ...invoke, type: "ok" as const, time: time + (m % 50 === 0 ? 400e6 : 5e6) },
        }
      }),
    ),
    record: { ...run.record, endedAt: run.record.calmAt + 600e9 },
  }
  const html = reportOf(longer, { ...judgeRun(run), why: "<script>" })
  expect(html.length).toBeLessThan(3_000_000)
  expect(html).not.toContain("<script")
})
