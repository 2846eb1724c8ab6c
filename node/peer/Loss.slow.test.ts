import { expect, onTestFailed, test } from "vitest"
import { busiest, failures, type Load, longestGap, startLoad } from "../testing/Load.ts"
import { everyClientIsServed, movedAwayFrom, ringIsClean, servesAgain } from "../testing/LoadOnRing.ts"
import { type LocalRing, startRing } from "../testing/LocalRing.ts"
import { until } from "../testing/Until.ts"

const CLIENTS = 100

/** The longest that any client may wait between two answers when a peer is lost; a promise of the README. */
const GAP_MS = 1_500

const STATELESS = ["--mode", "stateless", "--client", "header:x-client"]

const startLoadOn = async (ring: LocalRing): Promise<Load> => {
  onTestFailed(() => {
    process.stdout.write(ring.output())
  })
  const { dispatchers } = await ring.file()
  const load = startLoad({
    urls: dispatchers.map((one) => one.url),
    clients: CLIENTS,
    ratePerClient: 10,
    path: "/",
    nameHeader: "x-client",
    timeoutMs: 15_000,
  })
  await everyClientIsServed(load, CLIENTS)
  return load
}

test("kill -9 of the busiest peer costs its clients a pause and no request; restarted, it is a member again", async () => {
  await using ring = await startRing([...STATELESS, "--restart-after", "3s"])
  const load = await startLoadOn(ring)
  const victim = busiest(load.outcomes)
  await ring.signal(victim, "SIGKILL")
  await movedAwayFrom(load, CLIENTS, victim)
  await servesAgain(load, victim, load.outcomes.length)
  await load.stop()
  expect(failures(load.outcomes)).toEqual([])
  expect(longestGap(load.outcomes)).toBeLessThanOrEqual(GAP_MS)
  await ringIsClean(ring)
})

test("kill -STOP of the busiest peer is silence instead of a reset, and costs no more", async () => {
  await using ring = await startRing(STATELESS)
  const load = await startLoadOn(ring)
  const victim = busiest(load.outcomes)
  await ring.signal(victim, "SIGSTOP")
  await movedAwayFrom(load, CLIENTS, victim)
  await ring.signal(victim, "SIGCONT")
  await servesAgain(load, victim, load.outcomes.length)
  await load.stop()
  expect(failures(load.outcomes)).toEqual([])
  expect(longestGap(load.outcomes)).toBeLessThanOrEqual(GAP_MS)
  await ringIsClean(ring)
})

test("a graceful leave is no gap at all", async () => {
  await using ring = await startRing(STATELESS)
  const load = await startLoadOn(ring)
  const leaver = busiest(load.outcomes)
  await until("a calm stretch of load", () => (load.outcomes.length > 40 * CLIENTS ? true : undefined))
  const calm = load.outcomes.length
  await ring.signal(leaver, "SIGTERM")
  await movedAwayFrom(load, CLIENTS, leaver)
  await load.stop()
  expect(failures(load.outcomes)).toEqual([])
  // Ten requests a second are 100 ms apart. What a busy machine adds to that it adds with and without a leave.
  const before = longestGap(load.outcomes.slice(10 * CLIENTS, calm))
  const after = longestGap(load.outcomes.slice(calm - CLIENTS))
  process.stdout.write(
    `longest gap: ${before.toFixed(0)} ms before the leave, ${after.toFixed(0)} ms with it\n`,
  )
  expect(after).toBeLessThanOrEqual(Math.max(300, 2 * before))
})
