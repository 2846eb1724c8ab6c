import { execa } from "execa"
import { expect, onTestFailed, test } from "vitest"
import { busiest, failures } from "../testing/Load.ts"
import { everyClientIsServed, movedAwayFrom } from "../testing/LoadOnRing.ts"
import { startRing } from "../testing/LocalRing.ts"
import { startSessionLoad } from "../testing/SessionLoad.ts"
import { until } from "../testing/Until.ts"

const CLIENTS = 20

/** A process whose files may not grow beyond a few kilobytes writes as on a full disk. It takes util-linux to say so. */
const canLimit = (await execa("prlimit", ["--version"], { reject: false })).exitCode === 0

test.skipIf(!canLimit)(
  "a peer whose disk is full steps down and says so; its clients are served elsewhere",
  async () => {
    await using ring = await startRing(["--restart-after", "never"])
    onTestFailed(() => {
      process.stdout.write(ring.output())
    })
    const { dispatchers, peers } = await ring.file()
    const load = startSessionLoad({
      urls: dispatchers.map(({ url }) => url),
      clients: CLIENTS,
      ratePerClient: 5,
      timeoutMs: 15_000,
    })
    await everyClientIsServed(load, CLIENTS)
    const full = busiest(load.outcomes)
    const pid = peers.find(({ name }) => name === full)?.pid ?? 0
    await execa("prlimit", [`--pid=${pid}`, "--fsize=8192"])
    await movedAwayFrom(load, CLIENTS, full)
    await until(`${full} has ended`, async () =>
      (await ring.file()).peers.find(({ name }) => name === full)?.state === "down" ? true : undefined,
    )
    await load.stop()
    expect(ring.output()).toMatch(new RegExp(`${full} .*journal .* cannot be written: .*; mend that`))
    expect(failures(load.outcomes)).toEqual([])
    expect(load.verdict()).toEqual({ clientsThatLostState: 0, updatesLost: 0, appliedTwice: 0 })
  },
)
