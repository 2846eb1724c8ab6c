import { expect, test } from "vitest"
import { explored } from "../../explorer/Explore.ts"
import { journalMutants } from "./JournalScopes.ts"
import { system } from "./JournalSystem.ts"

/** A third of them, those that need more than a few steps; all are found by a long test. */
const some = new Set([
  "take any promised log instead of the longest",
  "accept before holding the log",
  "truncate on a mismatch",
  "two fast paths in one epoch",
  "reuse a ballot after a restart",
  "re-append across a skipped epoch",
  "start with a damaged log",
])

test.each(
  journalMutants.filter(({ name }) => some.has(name)).map(({ name, options }) => [name, options] as const),
)("found: %s", { timeout: 120_000 }, (_, options) => {
  const report = explored(system(options), { states: 200_000 })
  expect(report.findings[0]?.kind).toBe("invariant")
})
