import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { afterAll, expect, test } from "vitest"
import { founder } from "./Founder.ts"
import { readGenesis, readGenesisIfAny, writeGenesis } from "./GenesisFile.ts"
import { makeGenesis } from "./MakeGenesis.ts"

const folder = await mkdtemp(join(tmpdir(), "ringstead-genesis-"))
afterAll(() => rm(folder, { recursive: true }))

const genesis = makeGenesis({
  cluster: "test",
  cells: 8,
  replicas: 1,
  successors: undefined,
  mode: "replay",
  hash: ["sha1"],
  secret: "0".repeat(64),
  founders: [founder("a=127.0.0.1:1,127.0.0.1:2")],
})

const reasonOf = (effect: Effect.Effect<unknown, { readonly reason: string; readonly code: number }>) =>
  Effect.runPromise(Effect.map(Effect.flip(effect), ({ code, reason }) => `${code} ${reason}`))

test("what is written can be read, by its owner alone", async () => {
  const path = join(folder, "deep", "genesis.json")
  await Effect.runPromise(writeGenesis(path, genesis, false))
  expect(await Effect.runPromise(readGenesis(path))).toEqual(genesis)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test("a file that exists is kept unless told otherwise", async () => {
  const path = join(folder, "kept.json")
  await writeFile(path, "precious")
  expect(await reasonOf(writeGenesis(path, genesis, false))).toMatch(
    /^78 .*kept\.json exists already.*--force$/,
  )
  expect(await readFile(path, "utf8")).toBe("precious")
  await Effect.runPromise(writeGenesis(path, genesis, true))
  expect(await Effect.runPromise(readGenesis(path))).toEqual(genesis)
})

test("no file, no JSON and no genesis are told apart, each with the remedy", async () => {
  const missing = join(folder, "missing.json")
  expect(await reasonOf(readGenesis(missing))).toMatch(
    /^78 .*missing\.json does not exist; .*ringstead genesis/,
  )
  expect(await Effect.runPromise(readGenesisIfAny(missing))).toBeUndefined()

  const bad = join(folder, "bad.json")
  await writeFile(bad, "{")
  expect(await reasonOf(readGenesis(bad))).toMatch(/^78 .*bad\.json: it is not JSON; .*ringstead genesis/)
  await writeFile(bad, JSON.stringify({ ...genesis, founders: [{ ...genesis.founders[0], id: "x" }] }))
  expect(await reasonOf(readGenesisIfAny(bad))).toMatch(/^78 .*founders\[0\]\.id must be 40 lower-case/)
  expect(await reasonOf(readGenesis(folder))).toMatch(/^78 .*cannot be read: EISDIR/)
})
