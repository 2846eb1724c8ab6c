import { expect, test } from "vitest"
import { damaged } from "./testing/Damage.ts"

test("of a journal that was closed, journal.db cut off at every length and with every byte changed: the right data, or none", async () => {
  const verdicts = await damaged("closed", "journal.db", 1)
  expect(verdicts.refused).toBeGreaterThan(0)
  expect(verdicts.whole + verdicts.shortened).toBeGreaterThan(0)
})
