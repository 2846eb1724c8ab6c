import { afterAll, expect, test } from "vitest"
import { explored } from "../../explorer/Explore.ts"
import { verdictOf } from "../../explorer/Report.ts"
import { scopes, system } from "./CoreSystem.ts"

const rows: Array<string> = []

afterAll(() => console.log(rows.join("\n")))

/** What `ringstead check core` explores, by one thread; minutes and a gigabyte for the largest. */
test.each(scopes({}))("$name", { timeout: 3_600_000 }, ({ name, options }) => {
  const began = performance.now()
  const report = explored(system(options))
  const seconds = (performance.now() - began) / 1_000
  rows.push(`${name}: ${report.distinct} states in ${seconds.toFixed(0)} s, ${verdictOf(report)}`)
  expect([report.findings, report.unseen, verdictOf(report)]).toEqual([[], [], "holds"])
})
