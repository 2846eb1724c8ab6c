import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { execa } from "execa"
import { afterAll, beforeAll, expect, test } from "vitest"
import { scratchDirectory } from "./testing/ScratchDirectory.ts"
import { until } from "./testing/Until.ts"

const root = join(import.meta.dirname, "..")
const scratch = await scratchDirectory()
afterAll(() => scratch[Symbol.asyncDispose]())

/** The package as published, installed in a project of its own. */
const project = join(scratch.path, "project")
const installed = join(project, "node_modules/ringstead")
const binary = join(installed, "bin/ringstead.js")
const run = (...args: ReadonlyArray<string>) =>
  execa(process.execPath, [binary, ...args], { cwd: project, reject: false, stdin: "ignore" })

beforeAll(async () => {
  const out = join(scratch.path, "out")
  await execa(process.execPath, [join(root, "node/build.ts"), "--out", out])
  await mkdir(join(project, "node_modules"), { recursive: true })
  await symlink(out, installed)
  // Its dependencies, as an installer would put them beside it.
  await symlink(join(root, "node_modules"), join(scratch.path, "node_modules"))
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }))
})

test("the command says its version and its help, and makes a genesis file", async () => {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    readonly version: string
  }
  expect((await run("--version")).stdout).toBe(manifest.version)
  expect((await run("--help")).stdout).toContain("genesis")
  const made = await run("genesis", "--founder", "a=127.0.0.1:7000,127.0.0.1:8000", "--replicas", "1")
  expect(made.exitCode).toBe(0)
  expect(await readFile(join(project, "genesis.json"), "utf8")).toContain('"cluster": "ringstead"')
})

test("a ring with the sample service comes up from the package alone", async () => {
  const up = execa(process.execPath, [binary, "up", "--peers", "1", "--dispatchers", "1"], {
    cwd: project,
    reject: false,
    stdin: "ignore",
    all: true,
  })
  let printed = ""
  up.all.on("data", (chunk: Buffer) => (printed += chunk.toString()))
  try {
    await until("ready", () => (/^ready$/m.test(printed) ? true : undefined), 30_000)
    const [url] = /http:\S+/.exec(printed) ?? []
    const answer = await fetch(url ?? "")
    expect(answer.headers.get("ringstead-peer")).toBe("peer-1")
    expect(await answer.json()).toMatchObject({ visits: 1 })
  } finally {
    up.kill("SIGTERM")
    await up
  }
})

test("the ring is explored, by the rules that are in the package", async () => {
  const { exitCode, stdout } = await run("check", "ring", "--peers", "3")
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("holds: every reachable state")])
})

test("what is proved is proved by the package too, with a solver beside it; else it says what is missing", async () => {
  const question = ["prove", "--only", "session/answer"]
  const { exitCode, stdout } = await run(...question)
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("0 the other way, 0 unknown")])
  // Where nothing is installed above it.
  await using bare = await scratchDirectory()
  await cp(join(scratch.path, "out"), join(bare.path, "ringstead"), { recursive: true })
  const lonely = (...args: ReadonlyArray<string>) =>
    execa(process.execPath, [join(bare.path, "ringstead/bin/ringstead.js"), ...args], {
      cwd: bare.path,
      reject: false,
      stdin: "ignore",
    })
  expect(await lonely(...question)).toMatchObject({
    exitCode: 78,
    stderr: expect.stringMatching(/^ringstead prove: z3-solver is not installed here: .*--emit DIR/),
  })
  expect((await lonely(...question, "--emit", "smt")).exitCode).toBe(0)
  expect((await readdir(join(bare.path, "smt/session/answer"))).length).toBeGreaterThan(5)
})

test("benchmarks are not in it, and it says where they are", async () => {
  const { exitCode, stderr } = await run("bench", "micro")
  expect([exitCode, stderr]).toEqual([
    78,
    expect.stringMatching(/^ringstead bench: .*run them in a checkout/),
  ])
})

test("all rooms can be imported, with their types", async () => {
  await writeFile(
    join(project, "use.ts"),
    `import * as Effect from "effect/Effect"
import { Peer, RingId, type PeerState } from "ringstead/core"
import { connect, type PeerOptions, runPeer } from "ringstead/node"
import { Explore, Report, RingSystem } from "ringstead/spec"
export const id: RingId.RingId = RingId.fromHex("00".repeat(20))
export const begin = (config: PeerState.PeerConfig) => Peer.step(Peer.initial(config), { type: "started" })
export const run = (options: PeerOptions) => Effect.scoped(runPeer(options, (event) => console.log(event.type)))
export const dial = connect("127.0.0.1:7000", { cluster: "x" })
const [smallest] = RingSystem.scopes({ peers: 3 })
export const verdict = smallest && Report.verdictOf(Explore.explored(RingSystem.system(smallest.options)))
// @ts-expect-error -- a number is no ring id
export const wrong: RingId.RingId = 1
`,
  )
  const flags = [
    "--strict",
    "--noEmit",
    "--module",
    "nodenext",
    "--target",
    "es2024",
    "--skipLibCheck",
    "--types",
    "node",
  ]
  const checked = await execa(
    join(root, "node_modules/.bin/tsc"),
    [...flags, "--typeRoots", join(root, "node_modules/@types"), "use.ts"],
    { cwd: project, reject: false },
  )
  expect(checked.stdout).toBe("")
  const used = await execa(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      'const { id, verdict } = await import("./use.ts"); console.log(id, verdict)',
    ],
    {
      cwd: project,
    },
  )
  expect(used.stdout).toBe(`${"00".repeat(20)} holds`)
})
