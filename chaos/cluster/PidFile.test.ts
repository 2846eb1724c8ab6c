import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execa } from "execa"
import { afterEach, beforeEach, expect, test } from "vitest"
import { endLeftovers, PidFile } from "./PidFile.ts"
import { startOf, stateOf } from "./ProcessStart.ts"

let store: string

beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), "ringstead-pids-"))
})

afterEach(() => {
  rmSync(store, { recursive: true, force: true })
})

const idle = () => execa(process.execPath, ["-e", "setInterval(() => {}, 1_000)"], { reject: false })

/** As a harness leaves it that was killed: of the harness itself there is no process any more. */
const abandon = (): void => {
  const [file = ""] = readdirSync(join(store, "running"))
  const path = join(store, "running", file)
  const kept = JSON.parse(readFileSync(path, "utf8")) as object
  writeFileSync(path, JSON.stringify({ ...kept, harness: { pid: process.pid, start: "1" } }))
}

test("what a harness that is gone has started is ended, what one that lives has started is not", async () => {
  const left = idle()
  const data = join(store, "data")
  mkdirSync(data)
  const pids = new PidFile(store, data)
  pids.add(left.pid ?? 0)
  expect(endLeftovers(store)).toBe(0)
  expect(stateOf(left.pid ?? 0)).not.toBe(null)

  expect(existsSync(data)).toBe(true)
  abandon()
  expect(endLeftovers(store)).toBe(1)
  expect(existsSync(data)).toBe(false)
  expect((await left).signal).toBe("SIGKILL")
  expect(readdirSync(join(store, "running"))).toEqual([])
  expect(endLeftovers(store)).toBe(0)
})

test("a stranger with the number of a process that has ended is left alone", async () => {
  const stranger = idle()
  new PidFile(store, null).add(stranger.pid ?? 0)
  const [file = ""] = readdirSync(join(store, "running"))
  const path = join(store, "running", file)
  const text = readFileSync(path, "utf8")
  writeFileSync(path, text.replace(`"start":"${startOf(stranger.pid ?? 0)}"`, '"start":"2"'))
  abandon()
  expect(endLeftovers(store)).toBe(0)
  expect(stateOf(stranger.pid ?? 0)).not.toBe(null)
  stranger.kill("SIGKILL")
  await stranger
})

test("a file that is removed leaves nothing behind, and no store at all is none to clean", () => {
  const pids = new PidFile(store, null)
  pids.remove()
  expect(readdirSync(join(store, "running"))).toEqual([])
  expect(endLeftovers(join(store, "nowhere"))).toBe(0)
})
