import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { wrongsOf, runCampaign } from "./testing/ShortCampaign.ts"

let store: string

beforeAll(async () => {
  store = await mkdtemp(join(tmpdir(), "ringstead-store-"))
})

afterAll(async () => {
  await rm(store, { recursive: true, force: true })
})

// The other campaigns take their time: they are in the long tests.
test.each(["crash", "partition"] as const)(
  "a short campaign %s finds nothing wrong and leaves no process behind",
  async (campaign) => {
    expect(await wrongsOf(store, campaign)).toEqual([])
  },
)

test("without a journal sessions are lost, and the campaign says so", async () => {
  const { exitCode, all } = await runCampaign(store, [
    "rolling-restart",
    "--seed=1",
    "--peers=3",
    "--for=8s",
    "--mode=stateless",
  ])
  expect([exitCode, all]).toEqual([1, all])
  expect(all).toContain("FAIL no acknowledged effect lost")
})

test("a harness that cannot begin says so with an exit status of its own", async () => {
  const { exitCode, all } = await runCampaign(store, ["crash", "--for=5s"], {
    TOXIPROXY_URL: "http://127.0.0.1:9",
  })
  expect([exitCode, all]).toEqual([3, all])
  expect(all).toContain("the harness failed: Toxiproxy does not answer at http://127.0.0.1:9")
})
