import { expect, test, vi } from "vitest"
import { damaged } from "./testing/Damage.ts"

vi.setConfig({ testTimeout: 600_000 })

test.each([
  ["closed", "journal.db"],
  ["killed", "journal.db-wal"],
] as const)(
  "of a journal that was %s, %s cut off at every length and with every byte changed: the right data, or none",
  async (ending, file) => {
    const verdicts = await damaged(ending, file, 1)
    expect(verdicts.refused).toBeGreaterThan(0)
    expect(verdicts.whole + verdicts.shortened).toBeGreaterThan(0)
  },
)
