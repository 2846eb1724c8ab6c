import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { CAMPAIGNS } from "../plan/Plan.ts"
import { wrongsOf } from "./testing/ShortCampaign.ts"

/** Where every campaign is kept, for whoever wants to see its report. */
const store = fileURLToPath(new URL("../../store", import.meta.url))
/** Another each time: each test's name says it, and what fails tells the command that repeats it. */
const seed = Math.floor(Math.random() * 4_000_000_000)

test.each(CAMPAIGNS)(
  `a minute of the campaign %s, of five peers, drawn from ${seed}, finds nothing wrong and leaves no process behind`,
  { timeout: 600_000 },
  async (campaign) => {
    expect(await wrongsOf(store, campaign, seed, ["--peers=5", "--for=60s"])).toEqual([])
  },
)
