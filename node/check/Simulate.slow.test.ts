import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { ringstead, startRing } from "../testing/LocalRing.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { until } from "../testing/Until.ts"

const small = ["simulate", "--peers", "6", "--minutes", "1"]

const digestIn = (stdout: string): string | undefined => /^digest ([0-9a-f]{16})$/m.exec(stdout)?.[1]

test("the same seeds are the same runs, with any number of workers", async () => {
  const seeds = [...small, "--seed", "11", "--runs", "3"]
  const [one, two] = [
    await ringstead([...seeds, "--workers", "1"]),
    await ringstead([...seeds, "--workers", "2"]),
  ]
  expect([one.exitCode, two.exitCode, one.stderr]).toEqual([0, 0, ""])
  expect(digestIn(one.stdout)).toBeDefined()
  expect(digestIn(two.stdout)).toBe(digestIn(one.stdout))
  const other = await ringstead([...small, "--seed", "12", "--runs", "3"])
  expect(digestIn(other.stdout)).not.toBe(digestIn(one.stdout))
})

test("a planted bug is found, and the command that is printed finds it again", async () => {
  const planted = ["--seed", "1", "--runs", "2", "--mutant", "acknowledge before the flush"]
  const { exitCode, stdout } = await ringstead([...small, ...planted])
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/^seed 1: VIOLATED: I5 majority commits: /m)
  const again = /again: ringstead (simulate --seed 1 .*) --mutant '([^']*)'$/m.exec(stdout)
  const repeated = await ringstead([...(again?.[1] ?? "").split(" "), "--mutant", again?.[2] ?? ""])
  expect(repeated.exitCode).toBe(1)
  expect(repeated.stdout).toContain(/^seed 1: VIOLATED.*$/m.exec(stdout)?.[0])
})

test("what real peers trace, one of which is killed, is a behaviour; altered, it is none", async () => {
  await using folder = await scratchDirectory()
  const traces = join(folder.path, "traces")
  {
    await using ring = await startRing(["--trace", traces, "--peers=3", "--cells=8", "--restart-after=1s"])
    const { dispatchers } = await ring.file()
    const get = async (client: number): Promise<number> =>
      (await fetch(`${dispatchers[0]?.url}/`, { headers: { cookie: `n=${client}` } })).status
    for (let client = 0; client < 6; client++) expect(await get(client)).toBe(200)
    await ring.signal("peer-2", "SIGKILL")
    for (let client = 0; client < 12; client++) expect(await get(client)).toBe(200)
    await until("peer-2 is back", async () =>
      (await readFile(join(traces, "peer-2.jsonl"), "utf8")).split('"started"').length === 3
        ? true
        : undefined,
    )
  }
  const good = await ringstead(["check", "trace", traces])
  expect(good).toMatchObject({ exitCode: 0, stderr: "" })
  expect(good.stdout).toMatch(/together they are a behaviour of the protocol$/)
  expect(good.stdout).toMatch(/ (1[0-9]|[2-9][0-9]) answers/)
  const file = join(traces, "peer-1.jsonl")
  const text = await readFile(file, "utf8")
  await writeFile(file, text.replace(/("type":"committed".*"length":)(\d+)/, "$199$2"))
  const bad = await ringstead(["check", "trace", traces])
  expect(bad.exitCode).toBe(1)
  expect(bad.stdout).toMatch(/peer-1\.jsonl:\d+: what is committed is stored by a majority: /)
})

test("a trace that is not there, or is none, is named", async () => {
  const none = await ringstead(["check", "trace", "/nowhere"])
  expect(none.exitCode).toBe(78)
  expect(none.stderr).toMatch(/\/nowhere cannot be read: .*; name a trace, or a directory of them/)
  const mutant = await ringstead([...small, "--mutant", "nonsense"])
  expect(mutant.exitCode).toBe(64)
  expect(mutant.stderr).toMatch(/there is none called "nonsense"; there are /)
})
