import { expect, onTestFailed, test } from "vitest"
import { busiest, failures, longestGap } from "../testing/Load.ts"
import { everyClientIsServed, movedAwayFrom, servesAgain } from "../testing/LoadOnRing.ts"
import { startRing } from "../testing/LocalRing.ts"
import { startPeer } from "../testing/LonePeer.ts"
import { SHOP_SERVICE } from "../testing/services/Services.ts"
import { startSessionLoad } from "../testing/SessionLoad.ts"
import { until } from "../testing/Until.ts"

const CLIENTS = 20

/** What a planned move may cost a client beyond what the load costs anyway, in ms; a promise of the README. */
const GAP_MS = 300

test("a peer that leaves in good order, and one that joins, interrupt nobody", async () => {
  await using ring = await startRing(["--restart-after", "never"])
  onTestFailed(() => {
    process.stdout.write(ring.output())
  })
  const { dispatchers } = await ring.file()
  const load = startSessionLoad({
    urls: dispatchers.map(({ url }) => url),
    clients: CLIENTS,
    ratePerClient: 10,
    timeoutMs: 15_000,
  })
  const outcomes = (): number => load.outcomes.length
  const aStretch = async (): Promise<true> => {
    const since = outcomes()
    return await until("a stretch of load", () => (outcomes() > since + 30 * CLIENTS ? true : undefined))
  }
  await everyClientIsServed(load, CLIENTS)
  const calm = outcomes()
  await aStretch()
  const leaves = outcomes()
  const leaver = busiest(load.outcomes)
  await ring.signal(leaver, "SIGTERM")
  await movedAwayFrom(load, CLIENTS, leaver)
  await until(`${leaver} has left`, async () =>
    (await ring.file()).peers.find(({ name }) => name === leaver)?.state === "left" ? true : undefined,
  )
  await aStretch()
  const joins = outcomes()
  await using joiner = await startPeer(ring, leaver, [`--service=${SHOP_SERVICE}`])
  await servesAgain(load, leaver, joins)
  await aStretch()
  await load.stop()

  const gap = (from: number, to?: number): number => longestGap(load.outcomes.slice(from - CLIENTS, to))
  const [before, during, after] = [gap(calm, leaves), gap(leaves, joins), gap(joins)]
  process.stdout.write(
    `longest gap: ${before.toFixed(0)} ms before, ${during.toFixed(0)} ms with the leave, ${after.toFixed(0)} ms with the join\n`,
  )
  expect(failures(load.outcomes)).toEqual([])
  expect(load.verdict()).toEqual({ clientsThatLostState: 0, updatesLost: 0, appliedTwice: 0 })
  expect(joiner.said().filter(({ type }) => type === "corrupt" || type === "diverged")).toEqual([])
  expect(during).toBeLessThanOrEqual(before + GAP_MS)
  expect(after).toBeLessThanOrEqual(before + GAP_MS)
})
