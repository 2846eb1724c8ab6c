import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, onTestFailed, test } from "vitest"
import type { Genesis } from "../../../core/peer/Genesis.ts"
import { startRing } from "../../testing/LocalRing.ts"
import { until } from "../../testing/Until.ts"
import { leaderById } from "./LeaderById.ts"
import type { LookupReport } from "./Lookup.ts"
import type { SessionReport } from "../../peer/SessionReport.ts"
import type { RingStatus } from "./RingStatus.ts"

/** A service that starts fast, and leaves the processor to the ring. */
const TINY = `exec node -e 'require("http").createServer((q, r) => r.end("ok")).listen(process.env.PORT)'`

test("status, lookup and check-ring of a real ring: healthy, one peer short, gone", async () => {
  const named = ["--client", "header:x-user"]
  await using ring = await startRing([
    "--peers",
    "5",
    "--service",
    TINY,
    "--restart-after",
    "never",
    ...named,
  ])
  onTestFailed(() => void process.stdout.write(ring.output()))

  const healthy = await until("the ring is healthy", async () => {
    const { exitCode, stdout } = await ring.run("status", "-o", "json")
    return exitCode === 0 ? (JSON.parse(stdout) as RingStatus) : undefined
  })
  expect(healthy).toMatchObject({ verdict: "healthy", reasons: [], unprotected: false, cells: 128 })
  expect(healthy.peers.reduce((sum, { cells }) => sum + (cells ?? 0), 0)).toBe(128)
  const { peers } = await ring.file()
  for (const { instancePid, name } of peers) {
    expect(healthy.peers.find((one) => one.name === name)?.instance?.pid).toBe(instancePid)
  }
  expect((await ring.run("check-ring")).stdout).toMatch(/^ideal: /)

  const { founders } = JSON.parse(await readFile(join(ring.data, "genesis.json"), "utf8")) as Genesis
  for (const client of ["alice", "bob", "carol"]) {
    // oxlint-disable-next-line no-await-in-loop -- three commands, on two cores
    const { exitCode, stdout } = await ring.run("lookup", client, "--trace", "-o", "json")
    const report = JSON.parse(stdout) as LookupReport
    expect(exitCode).toBe(0)
    expect(report.leader?.name).toBe(leaderById(founders, report.home)?.name)
    expect(report.path?.at(-1)).toBe(report.leader?.name)
    expect(report.path).toHaveLength(report.hops + 1)
  }

  const { dispatchers } = await ring.file()
  for (const path of ["a", "b?c", "d"]) {
    // oxlint-disable-next-line no-await-in-loop -- one client's requests come one after the other
    const { status } = await fetch(`${dispatchers[0]?.url}${path}`, { headers: { "x-user": "alice" } })
    expect(status).toBe(200)
  }
  const session = async () => {
    const { exitCode, stdout } = await ring.run("session", "show", "alice", "-o", "json")
    expect(exitCode).toBe(0)
    return JSON.parse(stdout) as SessionReport
  }
  const before = await session()
  expect(before).toMatchObject({ count: 3, committed: 3, applied: 3, epoch: 0, fenced: null })
  expect(before.entries.map(({ method, status, target }) => `${method} ${target} ${status}`)).toEqual([
    "GET /a 200",
    "GET /b?c 200",
    "GET /d 200",
  ])

  const victim = before.peer
  await ring.signal(victim, "SIGKILL")
  const mended = await ring.run("check-ring", "--wait", "20s")
  expect([mended.exitCode, mended.stdout]).toEqual([
    0,
    expect.stringContaining(`${victim}, a founder, does not answer`),
  ])
  const degraded = await ring.run("status")
  expect(degraded.exitCode).toBe(1)
  expect(degraded.stdout).toMatch(/^local: degraded, 4 of 5 peers/)
  expect(degraded.stdout).toContain(`! ${victim} does not answer`)
  await until("up tells of it", () => (ring.output().includes(" took over ") ? true : undefined))
  expect(ring.output()).toMatch(new RegExp(`took over \\d+ cells from ${victim}, 3 journaled requests`))

  const after = await session()
  expect(after).toMatchObject({ count: 3, committed: 3, entries: before.entries })
  expect(after.peer).not.toBe(victim)
  expect(after.epoch).toBeGreaterThan(0)
  const unsure = await ring.run("session", "reset", "alice")
  expect([unsure.exitCode, unsure.stderr]).toEqual([
    64,
    expect.stringMatching(/^ringstead session reset: the session of "alice", 3 .* lost for good; say --yes/),
  ])
  expect(await session()).toMatchObject({ count: 3 })
  expect((await ring.run("session", "reset", "alice", "--yes")).exitCode).toBe(0)
  expect(await session()).toMatchObject({ count: 0, entries: [] })
  const { stdout: limits } = await ring.run("explain", "-o", "json")
  expect(JSON.parse(limits)).toMatchObject({
    mode: "replay",
    source: "ring",
    limits: { sessionEntries: 10_000 },
  })

  await ring.stop()
  expect((await ring.run("status")).exitCode).toBe(2)
  expect((await ring.run("check-ring")).exitCode).toBe(2)
  expect((await ring.run("lookup", "alice")).exitCode).toBe(2)
})
