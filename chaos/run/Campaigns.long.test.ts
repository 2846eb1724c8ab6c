import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { CAMPAIGNS } from "../plan/Plan.ts"
import { wrongsOf } from "./testing/ShortCampaign.ts"

let store: string

beforeAll(async () => {
  store = await mkdtemp(join(tmpdir(), "ringstead-store-"))
})

afterAll(async () => {
  await rm(store, { recursive: true, force: true })
})

test.each(CAMPAIGNS)(
  "a short campaign %s finds nothing wrong and leaves no process behind",
  { timeout: 300_000 },
  async (campaign) => {
    expect(await wrongsOf(store, campaign)).toEqual([])
  },
)
