import { expect, test, vi } from "vitest"
import { damaged } from "./testing/Damage.ts"

vi.setConfig({ testTimeout: 30_000 })

test.each([
  ["closed", "journal.db", 211],
  ["closed", "flushed", 1],
  ["killed", "journal.db", 811],
  ["killed", "journal.db-wal", 211],
  ["killed", "flushed", 1],
] as const)(
  "of a journal that was %s, %s cut off and changed at many places: the right data, or none",
  async (ending, file, apart) => {
    const verdicts = await damaged(ending, file, apart)
    expect(verdicts.refused).toBeGreaterThan(0)
  },
)
