import { expect, test } from "vitest"
import { brokenPromises, failover, type FailoverOptions } from "../demo/Failover.ts"

test("a peer that leaves in good order, and one that joins, interrupt nobody", async () => {
  const options: FailoverOptions = {
    scenario: "leave-join",
    way: "warm",
    clients: 20,
    rate: 10,
    warmUpSeconds: 0,
    seconds: 6,
    seed: 7,
    progress: () => {},
  }
  const result = await failover(options)
  const { gapBeforeMs, gaps } = result
  process.stdout.write(
    `longest gap: ${gapBeforeMs.toFixed(0)} ms before, ${gaps.map(({ ms, what }) => `${ms.toFixed(0)} ms with the ${what}`).join(", ")}\n`,
  )
  // How long they wait is for the demo to judge, on a machine of its own: tests share theirs.
  expect(brokenPromises(options, result, Number.POSITIVE_INFINITY)).toEqual([])
  expect(result.answeredAgain).toBeGreaterThan(0)
})
