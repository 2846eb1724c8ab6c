import { expect, onTestFailed, test } from "vitest"
import { brokenPromises, failover } from "../demo/Failover.ts"
import { busiest, failures } from "../testing/Load.ts"
import { everyClientIsServed, movedAwayFrom, ringIsClean, servesAgain } from "../testing/LoadOnRing.ts"
import { type LocalRing, startRing } from "../testing/LocalRing.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { type SessionLoad, type SessionLoadOptions, startSessionLoad } from "../testing/SessionLoad.ts"
import { until } from "../testing/Until.ts"

const CLIENTS = 30

const CLEAN = { clientsThatLostState: 0, updatesLost: 0, appliedTwice: 0 }

const startLoadOn = async (
  ring: LocalRing,
  options: Partial<SessionLoadOptions> = {},
): Promise<SessionLoad> => {
  onTestFailed(() => {
    process.stdout.write(ring.output())
  })
  const { dispatchers } = await ring.file()
  const load = startSessionLoad({
    urls: dispatchers.map(({ url }) => url),
    clients: CLIENTS,
    ratePerClient: 5,
    timeoutMs: 15_000,
    ...options,
  })
  await everyClientIsServed(load, CLIENTS)
  return load
}

test.each(["cold", "warm"] as const)(
  "kill -9 of the peer that serves most clients costs no session anything: %s backups",
  async (way) => {
    const result = await failover({
      way,
      clients: 100,
      rate: 10,
      warmUpSeconds: 5,
      seconds: 10,
      seed: 7,
      progress: () => {},
    })
    // How long they wait is for the demo to judge, on a machine of its own: tests share theirs.
    expect(brokenPromises(way, result, Number.POSITIVE_INFINITY)).toEqual([])
  },
)

test("two peers are killed, one after the other, with repair between", async () => {
  await using ring = await startRing(["--restart-after", "1s"])
  const load = await startLoadOn(ring)
  const first = busiest(load.outcomes)
  await ring.signal(first, "SIGKILL")
  await movedAwayFrom(load, CLIENTS, first)
  await servesAgain(load, first, load.outcomes.length)
  await ringIsClean(ring)
  const second = busiest(load.outcomes.slice(-4 * CLIENTS).filter(({ peer }) => peer !== first))
  await ring.signal(second, "SIGKILL")
  await movedAwayFrom(load, CLIENTS, second)
  await servesAgain(load, second, load.outcomes.length)
  await load.stop()
  expect(failures(load.outcomes)).toEqual([])
  expect(load.verdict()).toEqual(CLEAN)
  await ringIsClean(ring)
})

test("a leader that stood still and comes back as a zombie answers nothing wrong", async () => {
  await using ring = await startRing([])
  const load = await startLoadOn(ring)
  const zombie = busiest(load.outcomes)
  await ring.signal(zombie, "SIGSTOP")
  await movedAwayFrom(load, CLIENTS, zombie)
  await ring.signal(zombie, "SIGCONT")
  await servesAgain(load, zombie, load.outcomes.length)
  await load.stop()
  expect(failures(load.outcomes)).toEqual([])
  expect(load.verdict()).toEqual(CLEAN)
  await ringIsClean(ring)
})

test("a dispatcher is lost: clients go on at the other, and what they send again is not applied twice", async () => {
  await using ring = await startRing(["--restart-after", "never"])
  const load = await startLoadOn(ring, { persistent: true })
  const [lost] = (await ring.file()).dispatchers
  await ring.signal(lost?.name ?? "", "SIGKILL")
  await everyClientIsServed(load, CLIENTS, load.outcomes.length + CLIENTS)
  await load.stop()
  expect(failures(load.outcomes)).toEqual([])
  expect(load.verdict()).toEqual(CLEAN)
})

test("the power goes, all of it: every session is there again", async () => {
  await using scratch = await scratchDirectory()
  const before = await startRing([], { data: scratch.path })
  const load = await startLoadOn(before)
  await until("some load", () => (load.outcomes.length > 10 * CLIENTS ? true : undefined))
  await before.crash()
  await load.stop()
  await using ring = await startRing([], { data: scratch.path })
  onTestFailed(() => {
    process.stdout.write(ring.output())
  })
  const { dispatchers } = await ring.file()
  for (const client of load.people) {
    client.moveTo(dispatchers.map(({ url }) => url))
    expect(await client.ask("visit")).toMatchObject({ error: "" })
    client.close()
  }
  expect(load.verdict()).toEqual(CLEAN)
})
