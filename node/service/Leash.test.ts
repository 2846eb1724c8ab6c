import { readFileSync } from "node:fs"
import { execa } from "execa"
import { expect, test, vi } from "vitest"
import { moduleUrl, runScript } from "../testing/ScriptProcess.ts"
import { until } from "../testing/Until.ts"
import { type LeashedProcess, spawnLeashed } from "./Leash.ts"
import { isGroupAlive, membersOf, signalGroup } from "./ProcessGroup.ts"

// Real processes on a machine that others use too.
vi.setConfig({ testTimeout: 30_000 })

// Who is in a group can be seen in /proc only; that it ends is true of every system.
const linux = process.platform === "linux"

const collect = async (leashed: LeashedProcess): Promise<string> => {
  let text = ""
  leashed.stdout.on("data", (piece: Buffer) => {
    text += piece.toString()
  })
  await leashed.exited
  await until("its output ends", () => leashed.stdout.readableEnded || undefined)
  leashed.release()
  return text
}

/** Whether the group ends, within the deadline. */
const ends = (pgid: number): Promise<boolean> =>
  until(`group ${pgid} ends`, () => !isGroupAlive(pgid) || undefined)

const withWorker = "sleep 1000 & exec sleep 1000"

/** Until the service has taken the place of the shell, which it does when whoever forked the keeper is gone. */
const isItself = (pid: number): boolean => readFileSync(`/proc/${pid}/comm`, "utf8") === "sleep\n"

/** Service, worker and keeper. */
const complete = (pgid: number): Promise<unknown> =>
  until("all three run", () => !linux || (isItself(pgid) && membersOf(pgid).length === 3) || undefined)

test("SIGKILL to the parent ends the service and all that it started", async () => {
  await using parent = runScript(`
    const { spawnLeashed } = await import("${moduleUrl("node/service/Leash.ts")}")
    console.log((await spawnLeashed("${withWorker}", process.env)).pid)
    setInterval(() => {}, 1000)
  `)
  const pgid = await until("the service is started", () => Number(parent.printed()) || undefined)
  await complete(pgid)
  parent.child.kill("SIGKILL")
  expect(await ends(pgid)).toBe(true)
})

test("so does letting go, also after the service itself has ended", async () => {
  const service = await spawnLeashed(withWorker, process.env)
  await complete(service.pid)
  process.kill(service.pid, "SIGKILL")
  expect(await service.exited).toEqual({ code: null, signal: "SIGKILL" })
  expect(isGroupAlive(service.pid)).toBe(true)
  service.release()
  expect(await ends(service.pid)).toBe(true)
})

test("SIGKILL to the group ends the keeper too", async () => {
  const service = await spawnLeashed(withWorker, process.env)
  await complete(service.pid)
  signalGroup(service.pid, "SIGKILL")
  expect(await ends(service.pid)).toBe(true)
  service.release()
})

test.runIf(linux)("the keeper outlives what a service is stopped with, and does not go first", async () => {
  const service = await spawnLeashed(`trap '' TERM HUP INT; ${withWorker}`, process.env)
  await complete(service.pid)
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT", "SIGUSR1"] as const) {
    const [keeper] = membersOf(service.pid)
      .filter((member) => member.pid !== service.pid)
      .slice(0, 1)
    process.kill(keeper?.pid ?? 0, signal)
  }
  expect(membersOf(service.pid).length).toBe(3)
  service.release()
  expect(await ends(service.pid)).toBe(true)
})

test.runIf(linux)("a service without its keeper is not left running", async () => {
  const service = await spawnLeashed("exec sleep 1000", process.env)
  const keeper = await until("the keeper runs", () =>
    isItself(service.pid) && membersOf(service.pid).length === 2
      ? membersOf(service.pid).find((member) => member.pid !== service.pid)
      : undefined,
  )
  process.kill(keeper.pid, "SIGKILL")
  expect((await service.exited).signal).toBe("SIGKILL")
  service.release()
  expect(await ends(service.pid)).toBe(true)
})

test.runIf(linux)("the service finds the world as it would without a leash", async () => {
  // Its descriptors (the last is ls's own), its children, the signals it ignores, its environment.
  const look = `read -r children </proc/$$/task/$$/children; echo "children: $children"
    grep SigIgn /proc/self/status; ls /proc/self/fd; env | grep -v ^_= | sort`
  const plain = await execa("sh", ["-c", look], { stdin: "ignore" })
  const service = await spawnLeashed(look, process.env)
  expect((await collect(service)).trim()).toBe(plain.stdout.trim())
})

test("exit codes are the service's, and it has the environment it was given", async () => {
  const service = await spawnLeashed('echo "$GIVEN $PORT"; exit 7', {
    ...process.env,
    GIVEN: "as given",
    PORT: "1",
  })
  expect(await collect(service)).toBe("as given 1\n")
  expect(service.exit()).toEqual({ code: 7, signal: null })
  expect(await ends(service.pid)).toBe(true)
})
