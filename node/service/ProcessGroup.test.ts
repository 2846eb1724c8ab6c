import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import { expect, test, vi } from "vitest"
import { until } from "../testing/Until.ts"
import { groupGone, isGroupAlive, membersOf, signalGroup, statOf } from "./ProcessGroup.ts"

// Real processes on a machine that others use too.
vi.setConfig({ testTimeout: 30_000 })

const linux = process.platform === "linux"

test("a group is alive until the last of it has ended", async () => {
  const child = spawn("sh", ["-c", "sleep 1000 & exec sleep 1000"], { detached: true, stdio: "ignore" })
  const pgid = child.pid ?? 0
  await until("both run", () => !linux || membersOf(pgid).length === 2 || undefined)
  const ended = once(child, "exit")
  child.kill("SIGKILL")
  await ended
  expect(isGroupAlive(pgid)).toBe(true)
  expect(await Effect.runPromise(groupGone(pgid, 30))).toBe(false)
  expect(signalGroup(pgid, "SIGKILL")).toBe(true)
  expect(await Effect.runPromise(groupGone(pgid, 10_000))).toBe(true)
})

test.runIf(linux)("a zombie that nobody collects does not keep a group alive", async () => {
  // The first process becomes a `sleep`, which never waits for the child that it does not know.
  const parent = spawn("sh", ["-c", "setsid sleep 1000 & echo $!; exec sleep 1000"], {
    stdio: ["ignore", "pipe", "ignore"],
  })
  try {
    const [text] = (await once(parent.stdout, "data")) as [Buffer]
    const pgid = Number(text.toString())
    for (const pid of [pgid, parent.pid]) {
      const program = (): string => readFileSync(`/proc/${pid}/comm`, "latin1")
      await until("it is a sleep", () => program() === "sleep\n" || undefined)
    }
    process.kill(pgid, "SIGKILL")
    await until("it is a zombie", () => statOf(pgid)?.state === "Z" || undefined)
    expect(process.kill(-pgid, 0)).toBe(true)
    expect(isGroupAlive(pgid)).toBe(false)
  } finally {
    parent.kill("SIGKILL")
    await once(parent, "close")
  }
})

test.runIf(linux)("a program's name may hold anything", async () => {
  const child = spawn("sh", ["-c", "exec 2>&1; printf ') S 1 (' >/proc/$$/comm; echo done; read -r _"])
  await once(child.stdout, "data")
  expect(statOf(child.pid ?? 0)).toMatchObject({ pid: child.pid, group: statOf(process.pid)?.group })
  child.stdin.end()
  await once(child, "close")
})
