import { expect, test } from "vitest"
import { explored } from "../../explorer/Explore.ts"
import { journalMutants } from "./JournalScopes.ts"
import { system } from "./JournalSystem.ts"

test.each(journalMutants.map(({ name, options }) => [name, options] as const))(
  "found: %s",
  { timeout: 600_000 },
  (_, options) => {
    const report = explored(system(options), { states: 3_000_000 })
    expect(report.findings[0]?.kind).toBe("invariant")
  },
)
