import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { expect, test, vi } from "vitest"
import type { Contact } from "../../core/peer/Contact.ts"
import type { Genesis } from "../../core/peer/Genesis.ts"
import { fromHex } from "../../core/ring/RingId.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { moduleUrl, runScript } from "../testing/ScriptProcess.ts"
import { until } from "../testing/Until.ts"
import { openIdentity, type PeerIdentity, takeNewIncarnation } from "./PeerIdentity.ts"
import type { IdentityOptions } from "./PeerPlace.ts"

vi.setConfig({ testTimeout: 30_000 })

const id = (digit: string) => fromHex(digit.repeat(40))

const founder = (name: string, digit: string, port: number): Contact => ({
  id: id(digit),
  incarnation: 1,
  name,
  ring: `127.0.0.1:${port}`,
  http: `127.0.0.1:${port + 1}`,
})

const genesis: Genesis = {
  version: 1,
  cluster: "meadow",
  cells: 128,
  replicas: 3,
  successors: 2,
  hash: ["md5"],
  secret: "0".repeat(64),
  founders: [founder("ash", "1", 20_001), founder("birch", "5", 20_003), founder("cedar", "a", 20_005)],
}

const open = (options: Partial<IdentityOptions> & { readonly data: string }): Promise<PeerIdentity> =>
  Effect.runPromise(Effect.scoped(openIdentity({ genesis, name: "ash", durability: "disk", ...options })))

const newcomer = { name: "dogwood", ring: "127.0.0.1:20007", http: "127.0.0.1:20008" }

/** SHA-1 of "dogwood", by `sha1sum`. */
const dogwood = fromHex("80d739740025ff2cdc4bfc043d99ee1ee5d61ed4")

const identityOf = async (data: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(data, "identity.json"), "utf8")) as Record<string, unknown>

test("a founder is what the genesis file says, and its boots are counted", async () => {
  await using scratch = await scratchDirectory()
  const data = join(scratch.path, "not", "there", "yet")
  const [self] = genesis.founders
  const first = await open({ data })
  const { disk, journal } = first
  expect(first).toEqual({ self, boot: 1, firstBoot: true, disk, journal })
  expect(await open({ data })).toEqual({ self, boot: 2, firstBoot: false, disk, journal })
  expect(await open({ data, at: id("1"), ring: "127.0.0.1:20001" })).toMatchObject({ boot: 3 })
  expect(await identityOf(data)).toEqual({
    version: 2,
    cluster: "meadow",
    name: "ash",
    id: id("1"),
    incarnation: 1,
    boot: 3,
    disk,
    durability: "disk",
  })
})

test("a newcomer stands at the SHA-1 of its name, whatever clients' names are hashed with", async () => {
  await using scratch = await scratchDirectory()
  const data = scratch.path
  const before = Math.floor(Date.now() / 1000)
  const first = await open({ data, ...newcomer })
  expect(first).toMatchObject({ self: { id: dogwood, ...newcomer }, boot: 1, firstBoot: true })
  expect(first.self.incarnation).toBeGreaterThanOrEqual(before)
  expect(first.self.incarnation).toBeLessThanOrEqual(Date.now() / 1000)
  const moved = { ring: "127.0.0.1:20009", http: "127.0.0.1:20010" }
  expect(await open({ data, ...newcomer, ...moved })).toEqual({
    ...first,
    self: { ...first.self, ...moved },
    boot: 2,
    firstBoot: false,
  })
})

test("a newcomer stays where it was placed at its first start", async () => {
  await using scratch = await scratchDirectory()
  const data = scratch.path
  expect((await open({ data, ...newcomer, at: id("7") })).self.id).toBe(id("7"))
  expect((await open({ data, ...newcomer })).self.id).toBe(id("7"))
  await expect(open({ data, ...newcomer, at: id("8") })).rejects.toMatchObject({
    kind: "placement",
    reason: `peer dogwood stands at ${id("7")} since its first start, not at ${id("8")}; leave --at out`,
  })
})

test("a peer keeps a higher incarnation than the genesis file's, and is refused with a lower one", async () => {
  await using scratch = await scratchDirectory()
  const data = scratch.path
  await open({ data })
  const file = join(data, "identity.json")
  await writeFile(file, JSON.stringify({ ...(await identityOf(data)), incarnation: 9 }))
  expect((await open({ data })).self.incarnation).toBe(9)
  const renewed = { ...genesis, founders: genesis.founders.map((each) => ({ ...each, incarnation: 10 })) }
  await expect(open({ data, genesis: renewed })).rejects.toMatchObject({ kind: "foreign" })
})

const journals = async (data: string): Promise<ReadonlyArray<string>> =>
  (await readdir(data)).filter((each) => each.startsWith("journal-")).map((each) => join(data, each))

test("a peer that keeps its journal in memory is another one at every start but the first", async () => {
  await using scratch = await scratchDirectory()
  const data = scratch.path
  const memory = { data, durability: "memory" } as const
  const first = await open(memory)
  expect(first.self.incarnation).toBe(1)
  expect(await journals(data)).toEqual([])
  const second = await open(memory)
  expect(second.self.incarnation).toBeGreaterThan(1)
  const third = await open({ data })
  expect(third.self.incarnation).toBeGreaterThan(second.self.incarnation)
  expect(await journals(data)).toEqual([third.journal])
  expect(await open({ data })).toEqual({ ...third, boot: 4 })
  const fifth = await open(memory)
  expect(fifth.self.incarnation).toBeGreaterThan(third.self.incarnation)
  expect(new Set([first, second, third, fifth].map(({ disk }) => disk)).size).toBe(4)
  expect(fifth.firstBoot).toBe(false)
})

test("without a journal there is no memory to lose", async () => {
  await using scratch = await scratchDirectory()
  const options = {
    data: scratch.path,
    durability: "memory",
    genesis: { ...genesis, mode: "stateless" },
  } as const
  const first = await open(options)
  expect(await open(options)).toEqual({ ...first, boot: 2, firstBoot: false })
  expect(await journals(scratch.path)).toEqual([])
})

test("a new incarnation has a journal of its own, and the old one is gone", async () => {
  await using scratch = await scratchDirectory()
  const data = scratch.path
  const first = await open({ data })
  await mkdir(join(data, "journal-left-half-made"))
  const options = { data, genesis, name: "ash", durability: "disk" } as const
  const incarnation = await Effect.runPromise(takeNewIncarnation(options))
  expect(incarnation).toBeGreaterThan(1_700_000_000)
  const second = await open({ data })
  expect(second).toMatchObject({ self: { ...first.self, incarnation }, boot: 2, firstBoot: false })
  expect(second.disk).not.toBe(first.disk)
  expect(await journals(data)).toEqual([second.journal])
})

test.each<[string, Partial<IdentityOptions>, string]>([
  [
    "no founder and no addresses",
    { name: "dogwood" },
    "peer dogwood is none of the founders in the genesis file (ash, birch, cedar); correct the name, or give --ring and --http HOST:PORT to add it to the ring",
  ],
  [
    "no founder and one address",
    { name: "dogwood", ring: "127.0.0.1:20007" },
    "peer dogwood is none of the founders in the genesis file (ash, birch, cedar); correct the name, or give --http HOST:PORT to add it to the ring",
  ],
  [
    "in a founder's place",
    { ...newcomer, at: id("5") },
    `--at ${id("5")} is where founder birch stands; give peer dogwood a place of its own`,
  ],
  [
    "a founder elsewhere",
    { at: id("2") },
    `--at ${id("2")} contradicts the genesis file, where founder ash has ${id("1")}; leave --at out`,
  ],
  [
    "a founder on another ring port",
    { ring: "127.0.0.1:9" },
    "--ring 127.0.0.1:9 contradicts the genesis file, where founder ash has 127.0.0.1:20001; leave --ring out",
  ],
  [
    "a founder on another HTTP port",
    { http: "127.0.0.1:9" },
    "--http 127.0.0.1:9 contradicts the genesis file, where founder ash has 127.0.0.1:20002; leave --http out",
  ],
])("placement: %s", async (_, options, reason) => {
  await using scratch = await scratchDirectory()
  const data = join(scratch.path, "data")
  await expect(open({ data, ...options })).rejects.toMatchObject({ kind: "placement", reason })
  expect(await readdir(scratch.path)).toEqual([])
})

test("the directory of another peer, of another cluster, or of another genesis is refused and untouched", async () => {
  await using scratch = await scratchDirectory()
  const data = scratch.path
  await open({ data })
  const before = await identityOf(data)
  const refused = async (options: Partial<IdentityOptions>, reason: string): Promise<void> => {
    await expect(open({ data, ...options })).rejects.toMatchObject({ kind: "foreign", reason })
  }
  await refused(
    { name: "birch" },
    `data directory ${data} belongs to peer ash, not birch; give this peer a data directory of its own`,
  )
  await refused(
    { genesis: { ...genesis, cluster: "forest" } },
    `data directory ${data} belongs to cluster meadow, the genesis file is of cluster forest; give this peer a data directory of its own`,
  )
  await refused(
    { genesis: { ...genesis, founders: [founder("ash", "2", 20_001)] } },
    `data directory ${data} has peer ash at ${id("1")}, the genesis file at ${id("2")}; give the genesis file that it was started with`,
  )
  expect(await identityOf(data)).toEqual(before)
})

test.each([
  ["", "it is not JSON"],
  ["null", "it is not an object"],
  ['{"version":1}', "version must be 2, not 1"],
  ['{"version":2,"cluster":7}', "cluster is not a name"],
  ['{"version":2,"cluster":"meadow","name":""}', "name is not a name"],
  ['{"version":2,"cluster":"meadow","name":"ash","id":"0x1"}', "id must be 40 lower-case hexadecimal digits"],
  [
    `{"version":2,"cluster":"meadow","name":"ash","id":"${id("1")}","incarnation":0}`,
    "incarnation must be from 1 to 4294967295",
  ],
  [
    `{"version":2,"cluster":"meadow","name":"ash","id":"${id("1")}","incarnation":1,"boot":1.5}`,
    "boot must be a whole number from 1",
  ],
  [
    `{"version":2,"cluster":"meadow","name":"ash","id":"${id("1")}","incarnation":1,"boot":1,"disk":"7"}`,
    "disk must be 32 lower-case hexadecimal digits",
  ],
  [
    `{"version":2,"cluster":"meadow","name":"ash","id":"${id("1")}","incarnation":1,"boot":1,"disk":"${"7".repeat(32)}"}`,
    "durability must be disk or memory",
  ],
])("an identity that is none: %s", async (text, problem) => {
  await using scratch = await scratchDirectory()
  const file = join(scratch.path, "identity.json")
  await writeFile(file, text)
  await expect(open({ data: scratch.path })).rejects.toMatchObject({
    kind: "malformed",
    reason: `${file} is no identity of a peer: ${problem}; restore it, or give a fresh data directory`,
  })
  expect(await readFile(file, "utf8")).toBe(text)
})

test("what a crash left of a half-written identity does no harm", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 40 }), async (torn) => {
      await using scratch = await scratchDirectory()
      await open({ data: scratch.path })
      await writeFile(join(scratch.path, "identity.json.new"), torn)
      expect((await open({ data: scratch.path })).boot).toBe(2)
      expect((await readdir(scratch.path)).filter((each) => !each.startsWith("journal-")).toSorted()).toEqual(
        ["identity.json", "lock"],
      )
    }),
    { seed: 3, numRuns: 10 },
  )
})

test("a path that is no directory", async () => {
  await using scratch = await scratchDirectory()
  const file = join(scratch.path, "file")
  await writeFile(file, "")
  for (const data of [file, join(file, "below")]) {
    await expect(open({ data })).rejects.toMatchObject({
      kind: "unusable",
      reason: `data directory ${data} is not a directory; give the path of one, or of none yet`,
    })
  }
  await mkdir(join(scratch.path, "data", "identity.json"), { recursive: true })
  await expect(open({ data: join(scratch.path, "data") })).rejects.toMatchObject({ kind: "unusable" })
})

/** Opens the identity as another process does, which then holds it until it is killed; prints what came of it. */
const elsewhere = (data: string, uid?: number) =>
  runScript(
    `
    const Effect = await import("${import.meta.resolve("effect/Effect")}")
    const { openIdentity } = await import("${moduleUrl("node/storage/PeerIdentity.ts")}")
    setInterval(() => {}, 60_000)
    const options = ${JSON.stringify({ genesis, name: "ash", data, durability: "disk" })}
    await Effect.runPromise(Effect.scoped(openIdentity(options).pipe(
      Effect.tap(({ boot }) => Effect.sync(() => console.log("boot " + boot))),
      Effect.andThen(Effect.never),
      Effect.catch(({ reason }) => Effect.sync(() => console.log(reason))),
    )))
    `,
    uid === undefined ? {} : { uid },
  )

const printed = (process: ReturnType<typeof runScript>): Promise<string> =>
  until("the other process says how it went", () =>
    process.printed().endsWith("\n") ? process.printed() : undefined,
  )

test("a directory that this user may not write", async () => {
  await using scratch = await scratchDirectory()
  const data = join(scratch.path, "data")
  await mkdir(data)
  await chmod(scratch.path, 0o755)
  await chmod(data, 0o555)
  // Permissions mean nothing to root.
  const nobody = process.getuid?.() === 0 ? 65_534 : undefined
  for (const directory of [data, join(data, "below")]) {
    await using other = elsewhere(directory, nobody)
    expect(await printed(other)).toMatch(
      /^data directory \S+ cannot be .*; make it writable( for this user)?, or give another\n$/,
    )
  }
})

test("one process at a time has the directory, and another is told which", async () => {
  await using scratch = await scratchDirectory()
  const data = scratch.path
  await using holder = elsewhere(data)
  expect(await printed(holder)).toBe("boot 1\n")
  await expect(open({ data })).rejects.toMatchObject({
    kind: "inUse",
    reason: `data directory ${data} is in use by process ${holder.child.pid}; stop it, or give this peer a directory of its own`,
  })
  holder.child.kill("SIGKILL")
  await holder.ended
  expect((await open({ data })).boot).toBe(2)
})

test("of several that start at once one gets the directory, and no boot is counted twice", async () => {
  await using scratch = await scratchDirectory()
  const data = scratch.path
  for (let round = 1; round <= 2; round++) {
    await using stack = new AsyncDisposableStack()
    const all = [1, 2, 3].map(() => stack.use(elsewhere(data)))
    const said = (await Promise.all(all.map(printed))).toSorted()
    expect(said[0]).toBe(`boot ${round}\n`)
    for (const each of said.slice(1))
      expect(each).toMatch(/^data directory \S+ is in use by process [0-9]+; /)
  }
})

test("two of one process neither", async () => {
  await using scratch = await scratchDirectory()
  const options = { genesis, name: "ash", data: scratch.path, durability: "disk" } as const
  const both = Effect.scoped(openIdentity(options).pipe(Effect.andThen(openIdentity(options))))
  await expect(Effect.runPromise(both)).rejects.toMatchObject({ kind: "inUse" })
})

test("a lock file that is none", async () => {
  await using scratch = await scratchDirectory()
  const file = join(scratch.path, "lock")
  await writeFile(file, "something else that nobody should lose")
  await expect(open({ data: scratch.path })).rejects.toMatchObject({
    kind: "unusable",
    reason: `${file} is not a peer's lock file; give another data directory, or remove the file`,
  })
})
