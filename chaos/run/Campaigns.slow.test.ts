import { readdirSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { execa } from "execa"
import { afterAll, beforeAll, expect, test } from "vitest"
import { CAMPAIGNS } from "../plan/Plan.ts"

const main = fileURLToPath(new URL("../../node/main.ts", import.meta.url))
let store: string

beforeAll(async () => {
  store = await mkdtemp(join(tmpdir(), "ringstead-store-"))
})

afterAll(async () => {
  await rm(store, { recursive: true, force: true })
})

const run = async (...args: ReadonlyArray<string>) => {
  const { exitCode, all } = await execa(
    process.execPath,
    [main, "chaos", "run", ...args, `--store=${store}`],
    {
      all: true,
      reject: false,
      stdin: "ignore",
    },
  )
  return { exitCode, all }
}

// What a machine that is busy cannot do in time leaves a verdict open; what is wrong is wrong everywhere.
test.each(CAMPAIGNS)(
  "a short campaign %s finds nothing wrong and leaves no process behind",
  async (campaign) => {
    const { exitCode, all } = await run(campaign, "--seed=1", "--peers=3", "--for=5s")
    expect([exitCode === 2 ? 0 : exitCode, all]).toEqual([0, all])
    expect(all).toContain("ok   linearizable")
    expect(all).toContain("ok   no acknowledged effect lost")
    expect(all).toContain(`repeat ringstead chaos run ${campaign} --seed 1`)
    expect(readdirSync(join(store, "running"))).toEqual([])
  },
)

test("without a journal sessions are lost, and the campaign says so", async () => {
  const { exitCode, all } = await run(
    "rolling-restart",
    "--seed=1",
    "--peers=3",
    "--for=8s",
    "--mode=stateless",
  )
  expect([exitCode, all]).toEqual([1, all])
  expect(all).toContain("FAIL no acknowledged effect lost")
})

test("a harness that cannot begin says so with an exit status of its own", async () => {
  const { exitCode, all } = await execa(
    process.execPath,
    [main, "chaos", "run", "crash", "--for=5s", `--store=${store}`],
    {
      all: true,
      reject: false,
      stdin: "ignore",
      env: { TOXIPROXY_URL: "http://127.0.0.1:9" },
    },
  )
  expect([exitCode, all]).toEqual([3, all])
  expect(all).toContain("the harness failed: Toxiproxy does not answer at http://127.0.0.1:9")
})
