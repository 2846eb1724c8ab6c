import { expect, onTestFailed, test } from "vitest"
import { failures, type Load, longestGap, startLoad } from "../testing/Load.ts"
import { type LocalRing, startRing } from "../testing/LocalRing.ts"
import { until } from "../testing/Until.ts"

const CLIENTS = 100

/** The longest that any client may wait between two answers when a peer is lost; a promise of the README. */
const GAP_MS = 1_500

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
  await everyClientIsServed(load)
  return load
}

const everyClientIsServed = (load: Load, since = 0): Promise<true> =>
  until("every client is served", () =>
    new Set(load.outcomes.slice(since).map((one) => one.client)).size === CLIENTS ? true : undefined,
  )

/** The peer that serves most of the load. */
const busiest = (load: Load): string => {
  const counts = new Map<string, number>()
  for (const one of load.outcomes) counts.set(one.peer, (counts.get(one.peer) ?? 0) + 1)
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? ""
}

/** Until every client was answered, and several times over, by others than `peer`. */
const movedAwayFrom = async (load: Load, peer: string): Promise<void> => {
  await until(`nobody is served by ${peer}`, () => {
    const latest = load.outcomes.slice(-3 * CLIENTS)
    return latest.every((one) => one.peer !== peer) ? true : undefined
  })
  await everyClientIsServed(load, load.outcomes.length)
}

const ringIsClean = (ring: LocalRing): Promise<true> =>
  until(
    "check-ring is clean",
    async () => ((await ring.run("check-ring")).exitCode === 0 ? true : undefined),
    30_000,
  )

test("kill -9 of the busiest peer costs its clients a pause and no request; restarted, it is a member again", async () => {
  await using ring = await startRing(["--mode", "stateless", "--client", "header:x-client", "--restart-after", "5s"])
  const load = await startLoadOn(ring)
  const victim = busiest(load)
  await ring.signal(victim, "SIGKILL")
  await movedAwayFrom(load, victim)
  const since = load.outcomes.length
  await until(
    `${victim} serves again`,
    () => (load.outcomes.slice(since).some((one) => one.peer === victim) ? true : undefined),
    30_000,
  )
  await load.stop()
  expect(failures(load.outcomes)).toEqual([])
  expect(longestGap(load.outcomes)).toBeLessThanOrEqual(GAP_MS)
  await ringIsClean(ring)
})

test("kill -STOP of the busiest peer is silence instead of a reset, and costs no more", async () => {
  await using ring = await startRing(["--mode", "stateless", "--client", "header:x-client"])
  const load = await startLoadOn(ring)
  const victim = busiest(load)
  await ring.signal(victim, "SIGSTOP")
  await movedAwayFrom(load, victim)
  await ring.signal(victim, "SIGCONT")
  const since = load.outcomes.length
  await until(`${victim} serves again`, () =>
    load.outcomes.slice(since).some((one) => one.peer === victim) ? true : undefined,
  )
  await load.stop()
  expect(failures(load.outcomes)).toEqual([])
  expect(longestGap(load.outcomes)).toBeLessThanOrEqual(GAP_MS)
  await ringIsClean(ring)
})

test("a graceful leave is no gap at all", async () => {
  await using ring = await startRing(["--mode", "stateless", "--client", "header:x-client"])
  const load = await startLoadOn(ring)
  const leaver = busiest(load)
  await until("a calm stretch of load", () => (load.outcomes.length > 40 * CLIENTS ? true : undefined))
  const calm = load.outcomes.length
  await ring.signal(leaver, "SIGTERM")
  await movedAwayFrom(load, leaver)
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
