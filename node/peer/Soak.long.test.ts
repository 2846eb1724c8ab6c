import { readdir, readFile, readlink } from "node:fs/promises"
import { expect, test } from "vitest"
import { failures, startLoad } from "../testing/Load.ts"
import { type LocalRing, startRing } from "../testing/LocalRing.ts"
import { until } from "../testing/Until.ts"

const CLIENTS = 50

/** What a process holds: resident memory in MiB and open sockets. */
interface Holding {
  readonly rssMiB: number
  readonly sockets: number
}

const holdingOf = async (pid: number): Promise<Holding> => {
  const status = await readFile(`/proc/${pid}/status`, "utf8")
  const descriptors = await readdir(`/proc/${pid}/fd`)
  const targets = await Promise.all(
    descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")),
  )
  return {
    rssMiB: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024,
    sockets: targets.filter((target) => target.startsWith("socket:")).length,
  }
}

const holdings = async (ring: LocalRing): Promise<ReadonlyMap<string, Holding>> => {
  const { peers, dispatchers } = await ring.file()
  const entries = [...peers, ...dispatchers].map(
    async ({ name, pid }) => [name, await holdingOf(pid)] as const,
  )
  return new Map(await Promise.all(entries))
}

/** Steady means: nothing is added any more, request after request. Measured in requests, so that a slow machine soaks longer. */
const WARM_UP = 15_000
const SOAK = 45_000

test.runIf(process.platform === "linux")(
  "under a steady load memory stays flat and no socket is leaked",
  async () => {
    await using ring = await startRing(["--client", "header:x-client"])
    const { dispatchers } = await ring.file()
    const load = startLoad({
      urls: dispatchers.map((one) => one.url),
      clients: CLIENTS,
      ratePerClient: 20,
      path: "/",
      nameHeader: "x-client",
      timeoutMs: 15_000,
    })
    await until("warm", () => (load.outcomes.length > WARM_UP ? true : undefined), 60_000)
    const before = await holdings(ring)
    await until("soaked", () => (load.outcomes.length > WARM_UP + SOAK ? true : undefined), 150_000)
    const after = await holdings(ring)
    await load.stop()
    expect(failures(load.outcomes)).toEqual([])
    for (const [name, { rssMiB, sockets }] of after) {
      const was = before.get(name)
      // A heap that grows by 1 KiB a request would have grown by a multiple of this.
      expect(rssMiB, `${name}: memory in MiB, ${was?.rssMiB} before`).toBeLessThan((was?.rssMiB ?? 0) + 32)
      expect(sockets, `${name}: open sockets, ${was?.sockets} before`).toBeLessThanOrEqual(
        (was?.sockets ?? 0) + 8,
      )
    }
  },
  240_000,
)
