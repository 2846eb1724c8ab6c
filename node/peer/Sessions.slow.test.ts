import { expect, onTestFailed, test } from "vitest"
import { brokenPromises, failover } from "../demo/Failover.ts"
import { type Scenario, SCENARIOS } from "../demo/Scenario.ts"
import { everyClientIsServed } from "../testing/LoadOnRing.ts"
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

const named = (name: string): Scenario => {
  const found = SCENARIOS.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no scenario ${name}`)
  return found
}

test.each([
  ["kill", "cold"],
  ["kill", "warm"],
  ["two-kills", "warm"],
  ["freeze", "warm"],
  ["dispatcher", "warm"],
] as const)("no session loses anything, and no request fails: %s, %s backups", async (name, way) => {
  const scenario = named(name)
  const result = await failover({
    scenario,
    way,
    clients: 50,
    rate: 8,
    warmUpSeconds: 1,
    seconds: 10,
    seed: 7,
    progress: () => {},
  })
  expect(result.victims.length).toBeGreaterThan(0)
  // How long they wait is for the demo to judge, on a machine of its own: tests share theirs.
  expect(brokenPromises({ scenario, way }, result, Number.POSITIVE_INFINITY)).toEqual([])
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
