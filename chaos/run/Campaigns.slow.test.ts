import { existsSync, readdirSync, readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execa } from "execa"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { startOf } from "../cluster/ProcessStart.ts"
import type { CampaignName } from "../plan/Plan.ts"
import { main, runCampaign, wrongsOf } from "./testing/ShortCampaign.ts"

let store: string

beforeAll(async () => {
  store = await mkdtemp(join(tmpdir(), "ringstead-store-"))
})

afterAll(async () => {
  await rm(store, { recursive: true, force: true })
})

/**
 * Three peers and three seconds of faults: enough for two of a kind, or two that belong together. None of these seeds, nor of
 * the next ones, tears a write, for which a peer has to be caught writing.
 */
const small = ["--peers=3", "--for=3s"]
const SEEDS: Readonly<Record<Exclude<CampaignName, "crash">, number>> = {
  partition: 5,
  slow: 3,
  mixed: 3,
  churn: 3,
  "rolling-restart": 1,
  "split-brain": 1,
  takeover: 8,
}

test.each(Object.entries(SEEDS) as ReadonlyArray<[CampaignName, number]>)(
  "a short campaign %s finds nothing wrong and leaves no process behind",
  async (campaign, seed) => {
    expect(await wrongsOf(store, campaign, seed, small)).toEqual([])
  },
)

/** What a harness has written down of what it has started. */
const started = (): ReadonlyArray<{ readonly pid: number; readonly start: string }> =>
  readdirSync(join(store, "running"))
    // What is being written is called otherwise until it is whole.
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => {
      const kept = JSON.parse(readFileSync(join(store, "running", file), "utf8")) as {
        readonly processes: ReadonlyArray<{ readonly pid: number; readonly start: string }>
      }
      return kept.processes
    })

test("a short campaign crash finds nothing wrong; what a harness that was killed has left behind is gone then", async () => {
  const args = ["crash", "--peers=3", "--for=60s", `--store=${store}`]
  const killed = execa(process.execPath, [main, "chaos", "run", ...args], { reject: false, stdin: "ignore" })
  // Toxiproxy and three peers.
  await vi.waitUntil(() => existsSync(join(store, "running")) && started().length >= 4, { timeout: 60_000 })
  const all = started()
  killed.kill("SIGKILL")
  await killed
  const alive = (): number => all.filter(({ pid, start }) => startOf(pid) === start).length
  // Peers and services have a leash; Toxiproxy, which is no part of ours, has none.
  expect(alive()).toBeGreaterThan(0)

  expect(await wrongsOf(store, "crash", 9, small)).toEqual([])
  expect(alive()).toBe(0)
  expect(readdirSync(join(store, "running"))).toEqual([])
})

test("exit 2: too little was asked for a verdict", async () => {
  // Less than a second is over before there is time for a fault.
  const { exitCode, all } = await runCampaign(store, ["crash", "--peers=3", "--for=200ms", "--load=1"])
  expect([exitCode, all]).toEqual([2, all])
  expect(all).toMatch(/\nUNKNOWN: enough traffic: \d+ requests answered; 20 are the least for a verdict\n/)
})

test("exit 1: without a journal sessions are lost, and the campaign says so", async () => {
  const args = ["rolling-restart", "--seed=1", "--peers=3", "--for=3s", "--mode=stateless"]
  const { exitCode, all } = await runCampaign(store, args)
  expect([exitCode, all]).toEqual([1, all])
  expect(all).toContain("FAIL no acknowledged effect lost")
})

test("exit 3: the harness cannot begin", async () => {
  const { exitCode, all } = await runCampaign(store, ["crash", "--for=5s"], {
    TOXIPROXY_URL: "http://127.0.0.1:9",
  })
  expect([exitCode, all]).toEqual([3, all])
  expect(all).toContain("the harness failed: Toxiproxy does not answer at http://127.0.0.1:9")
})
