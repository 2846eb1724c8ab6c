import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { Daemon } from "../cluster/Daemon.ts"
import { PidFile } from "../cluster/PidFile.ts"
import { stateOf } from "../cluster/ProcessStart.ts"
import type { ProcessVerb } from "../plan/Plan.ts"
import { faketime } from "./Faketime.ts"
import { type Peers, processDeed } from "./ProcessKinds.ts"

let directory: string
let peers: FakePeers

/** Says when it is ready, as a peer does, and ends when it is told to. */
const script = `
  process.on("SIGTERM", () => process.exit(0))
  setInterval(() => {}, 1_000)
  console.log(JSON.stringify({ type: "ready", at: new Date().toISOString() }))
`

/** A peer that is a process, of a ring that is none. */
class FakePeers implements Peers {
  readonly daemon: Daemon
  membership: ReadonlyArray<string> = ["p1"]

  constructor() {
    this.daemon = new Daemon({
      name: "p0",
      command: [process.execPath, "-e", script],
      log: join(directory, "p0.log"),
      pids: new PidFile(directory, null),
    })
    mkdirSync(this.dataOf())
  }

  of(): Daemon {
    return this.daemon
  }

  async revive(_: string, environment: Readonly<Record<string, string>> = {}): Promise<void> {
    this.daemon.start(environment)
    await this.daemon.line((line) => line.includes("ready"), 20_000)
  }

  members(): Promise<ReadonlyArray<string>> {
    return Promise.resolve(this.membership)
  }

  dataOf(): string {
    return join(directory, "p0")
  }

  wipe(): void {
    rmSync(this.dataOf(), { recursive: true })
  }
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ringstead-processes-"))
  peers = new FakePeers()
})

afterEach(async () => {
  await peers.daemon.kill()
  rmSync(directory, { recursive: true, force: true })
})

const deed = (verb: ProcessVerb, args = {}) => processDeed(peers, verb, ["p0"], args)
const bites = async (verb: ProcessVerb, args = {}): Promise<boolean> => (await deed(verb, args).apply()).bit

test("killed, started again, stopped and continued: each is seen by the process, and only where it was done", async () => {
  expect([await bites("kill"), await bites("pause"), await bites("resume")]).toEqual([false, false, false])
  expect([await bites("restart"), await bites("restart")]).toEqual([true, false])
  expect(await bites("resume")).toBe(false)
  const pause = deed("pause")
  expect((await pause.apply()).proof).toMatch(/^p0: process \d+ stands still$/)
  expect(stateOf(peers.daemon.pid ?? 0)).toBe("T")
  expect((await deed("resume").apply()).proof).toMatch(/stood still, and goes on$/)
  await pause.apply()
  await pause.undo?.()
  expect(stateOf(peers.daemon.pid ?? 0)).not.toBe("T")
  const { pid } = peers.daemon
  const kill = deed("kill")
  expect((await kill.apply()).proof).toBe(`p0: process ${pid} is gone`)
  await kill.undo?.()
  expect(peers.daemon.runs).toBe(true)
})

test("who joins is a member then, who leaves is none", async () => {
  expect(await bites("join")).toBe(false)
  await peers.daemon.kill()
  peers.membership = ["p0", "p1"]
  expect(await bites("join")).toBe(true)
  expect(await bites("join")).toBe(false)
  expect(await bites("leave")).toBe(false)
  peers.membership = ["p1"]
  await peers.revive("p0")
  expect(await bites("leave")).toBe(true)
  expect(await bites("leave")).toBe(false)
})

test("a disk that is wiped is gone; where nothing was behind the last flush nothing is torn, and that is told", async () => {
  await peers.revive("p0")
  expect(await bites("wipe")).toBe(true)
  expect(existsSync(peers.dataOf())).toBe(false)
  await peers.revive("p0")
  const torn = await deed("tear", { bytes: 100 }).apply()
  expect([torn.bit, torn.proof]).toEqual([
    false,
    expect.stringMatching(/is gone; nothing was behind its last flush, so nothing was torn$/),
  ])
})

test.skipIf(faketime().unavailable !== undefined)(
  "a clock is an hour behind, by what the process says, and right again after it",
  async () => {
    await peers.revive("p0")
    const skew = deed("skew", { ms: -3_600_000 })
    const bite = await skew.apply()
    expect([bite.bit, bite.proof]).toEqual([true, expect.stringMatching(/ 3\d{6} ms behind$/)])
    await skew.undo?.()
    const line = await peers.daemon.line((text) => text.includes("ready"), 0)
    expect(Math.abs(Date.parse((JSON.parse(line) as { at: string }).at) - Date.now())).toBeLessThan(60_000)
    expect((await deed("skew", { ms: 0 }).apply()).bit).toBe(false)
  },
)
