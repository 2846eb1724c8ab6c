import { expect, onTestFailed, test } from "vitest"
import { brokenPromises, failover, type FailoverOptions } from "../demo/Failover.ts"
import { everyClientIsServed } from "../testing/LoadOnRing.ts"
import { startRing } from "../testing/LocalRing.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { startSessionLoad } from "../testing/SessionLoad.ts"
import { until } from "../testing/Until.ts"

const CLIENTS = 30

/** How long they wait is for the demo to judge, on a machine of its own: tests share theirs. */
const anyGap = Number.POSITIVE_INFINITY

const promisesBroken = async (options: Partial<FailoverOptions>): Promise<ReadonlyArray<string>> => {
  const all: FailoverOptions = {
    scenario: "kill",
    way: "warm",
    clients: CLIENTS,
    rate: 5,
    warmUpSeconds: 0,
    seconds: 5,
    seed: 7,
    progress: () => {},
    ...options,
  }
  return brokenPromises(all, await failover(all), anyGap)
}

test.each(["cold", "warm"] as const)(
  "kill -9 of the peer that serves most clients costs no session anything: %s backups",
  async (way) => {
    expect(await promisesBroken({ way, clients: 100, seconds: 6 })).toEqual([])
  },
)

test.each([
  ["two peers are killed, one after the other, with repair between", "two-kills"],
  ["a leader that stood still and comes back as a zombie answers nothing wrong", "freeze"],
  [
    "a dispatcher is lost: clients go on at the other, and what they send again is not applied twice",
    "dispatcher",
  ],
] as const)("%s", async (_, scenario) => {
  expect(await promisesBroken({ scenario })).toEqual([])
})

test("the power goes, all of it: every session is there again", async () => {
  await using scratch = await scratchDirectory()
  const before = await startRing([], { data: scratch.path })
  onTestFailed(() => {
    process.stdout.write(before.output())
  })
  const load = startSessionLoad({
    urls: (await before.file()).dispatchers.map(({ url }) => url),
    clients: CLIENTS,
    ratePerClient: 5,
    timeoutMs: 15_000,
  })
  await everyClientIsServed(load, CLIENTS)
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
  expect(load.verdict()).toEqual({ clientsThatLostState: 0, updatesLost: 0, appliedTwice: 0 })
})
