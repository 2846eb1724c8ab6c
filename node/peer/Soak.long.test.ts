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

/** What each peer's journal takes where it is kept, in MiB; nothing where there is none. */
const journals = async (ring: LocalRing): Promise<ReadonlyMap<string, number>> => {
  const { stdout } = await ring.run("status", "-o", "json")
  const { journal } = JSON.parse(stdout) as {
    readonly journal: {
      readonly peers: ReadonlyArray<{ readonly name: string; readonly bytes: number }>
    } | null
  }
  return new Map((journal?.peers ?? []).map(({ name, bytes }) => [name, bytes / 2 ** 20]))
}

/**
 * Steady means: nothing is added any more, request after request. Measured in requests, so that a slow machine soaks longer.
 * V8 lets its heap grow to several times of what lives in it before it collects in earnest.
 */
const WARM_UP = 40_000
const SOAK = 40_000

/** Most that an entry of the sample service takes in memory, as a multiple of what it takes on disk. */
const IN_MEMORY = 4

test.runIf(process.platform === "linux").for(["stateless", "replay"])(
  "under a steady load in the mode %s memory stays flat but for the journal, and no socket is leaked",
  { timeout: 480_000 },
  async (mode) => {
    await using ring = await startRing(["--client", "header:x-client", "--mode", mode])
    const { dispatchers } = await ring.file()
    const load = startLoad({
      urls: dispatchers.map((one) => one.url),
      clients: CLIENTS,
      ratePerClient: 20,
      path: "/",
      nameHeader: "x-client",
      timeoutMs: 15_000,
    })
    await until("warm", () => (load.outcomes.length > WARM_UP ? true : undefined), 200_000)
    const [before, journaledBefore] = [await holdings(ring), await journals(ring)]
    await until("soaked", () => (load.outcomes.length > WARM_UP + SOAK ? true : undefined), 300_000)
    const [after, journaled] = [await holdings(ring), await journals(ring)]
    await load.stop()
    expect(failures(load.outcomes)).toEqual([])
    for (const [name, { rssMiB, sockets }] of after) {
      const was = before.get(name)
      const added = (journaled.get(name) ?? 0) - (journaledBefore.get(name) ?? 0)
      console.log(`${mode} ${name}: ${was?.rssMiB} -> ${rssMiB} MiB, journal + ${added} MiB`)
      // A heap that grows by 1 KiB a request would have grown by a multiple of this. Entries are kept in memory as well,
      // where each is an object of its own with an index; what that costs beside its bytes is the factor.
      expect(rssMiB, `${name}: memory in MiB, ${was?.rssMiB} before, journal grown by ${added}`).toBeLessThan(
        (was?.rssMiB ?? 0) + 32 + IN_MEMORY * added,
      )
      expect(sockets, `${name}: open sockets, ${was?.sockets} before`).toBeLessThanOrEqual(
        (was?.sockets ?? 0) + 8,
      )
    }
  },
)
