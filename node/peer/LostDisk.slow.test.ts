import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { expect, test, vi } from "vitest"
import { startRing } from "../testing/LocalRing.ts"
import { until } from "../testing/Until.ts"

vi.setConfig({ testTimeout: 120_000 })

const incarnationIn = async (directory: string): Promise<number | undefined> => {
  const text = await readFile(join(directory, "identity.json"), "utf8").catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as { readonly incarnation: number }).incarnation
}

test("a founder that lost its disk is found out, and joins again as a newcomer", async () => {
  await using ring = await startRing(["--peers", "4", "--restart-after", "1s"])
  const directory = join(ring.data, "peer-2")
  expect(await incarnationIn(directory)).toBe(1)
  const before = (await ring.file()).peers.find(({ name }) => name === "peer-2")?.pid
  await ring.signal("peer-2", "SIGKILL")
  await rm(directory, { recursive: true, force: true })
  await until(
    "it has a new incarnation",
    async () => (((await incarnationIn(directory)) ?? 0) > 1_700_000_000 ? true : undefined),
    60_000,
  )
  await until(
    "it serves again",
    async () => {
      const peer = (await ring.file()).peers.find(({ name }) => name === "peer-2")
      return peer?.state === "ready" && peer.pid !== before ? true : undefined
    },
    60_000,
  )
  await until(
    "all is well",
    async () => ((await ring.run("status")).exitCode === 0 ? true : undefined),
    60_000,
  )
  expect(ring.output()).toMatch(/with another disk: it has lost its memory/)
})
