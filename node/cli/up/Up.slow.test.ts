import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execa } from "execa"
import { describe, expect, test } from "vitest"
import { markOf } from "../../service/ProcessMark.ts"
import { CHECKOUT } from "../../testing/BuiltBinary.ts"
import { until } from "../../testing/Until.ts"
import type { UpFile } from "./UpFile.ts"

/** The real `up`, whose peers and dispatchers are empty shells (testing/FakeBinary.ts). */
const FAKE = join(import.meta.dirname, "testing/FakeBinary.ts")

/** A data directory that is gone after the test, and the `up`s started on it. */
const onData = async (binary: string = FAKE) => {
  const data = await mkdtemp(join(tmpdir(), "ringstead-up-"))
  const running: Array<{ readonly kill: (signal: "SIGKILL") => boolean }> = []
  const start = (peers: number, ...args: ReadonlyArray<string>) => {
    const child = execa(
      process.execPath,
      [binary, "up", "--data", data, "--peers", String(peers), "--dispatchers", "1", ...args],
      { stdin: "ignore", reject: false, all: true, forceKillAfterDelay: false },
    )
    running.push(child)
    let printed = ""
    child.all.on("data", (chunk: Buffer) => (printed += chunk.toString()))
    return {
      child,
      printed: () => printed,
      ready: () => until("up is ready", () => (/^ready$/m.test(printed) ? true : undefined)),
      file: async () => JSON.parse(await readFile(join(data, "up.json"), "utf8")) as UpFile,
    }
  }
  return {
    data,
    start,
    [Symbol.asyncDispose]: async () => {
      for (const child of running) child.kill("SIGKILL")
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** Whoever ran as a fake peer on `data`, ever. */
const startsOf = async (data: string, peer: string): Promise<ReadonlyArray<number>> =>
  (await readFile(join(data, peer, "starts"), "utf8").catch(() => "")).split("\n").filter(Boolean).map(Number)

const gone = (pids: ReadonlyArray<number | null>) =>
  until("every process is gone", () =>
    pids.every((pid) => pid === null || markOf(pid) === null) ? true : undefined,
  )

const pidsIn = ({ dispatchers, peers }: UpFile) => [...dispatchers, ...peers].map(({ pid }) => pid)

describe("up", () => {
  test("serves, says so, and stops without leaving anything", async () => {
    await using folder = await onData()
    const up = folder.start(2, "--service", "ok", "--client", "header:x-user")
    await up.ready()
    const file = await up.file()
    expect(file.peers.map(({ name, state }) => `${name} ${state}`)).toEqual(["peer-1 ready", "peer-2 ready"])
    expect(up.printed()).toContain(`curl -H 'x-user: alice' ${file.dispatchers[0]?.url}`)
    expect(up.printed()).toContain("unprotected")
    // In a pipe: no progress, no keys.
    expect(up.printed()).not.toMatch(/\r|keys/)
    up.child.kill("SIGTERM")
    expect((await up.child).exitCode).toBe(0)
    await gone(pidsIn(file))
    await expect(up.file()).rejects.toThrow("ENOENT")
  })

  test("killed by SIGKILL, takes its children with it, and the next one begins where it stopped", async () => {
    await using folder = await onData()
    const { data } = folder
    const first = folder.start(2, "--service", "ok")
    await first.ready()
    const genesis = await readFile(join(data, "genesis.json"), "utf8")
    const pids = pidsIn(await first.file())
    first.child.kill("SIGKILL")
    await gone(pids)
    const second = folder.start(3, "--service", "ok")
    await second.ready()
    expect(await readFile(join(data, "genesis.json"), "utf8")).toBe(genesis)
    expect((await second.file()).peers.map(({ name }) => name)).toEqual(["peer-1", "peer-2", "peer-3"])
  })

  test("starts a peer that died again, with its data; one that left on its own accord stays away", async () => {
    await using folder = await onData()
    const { data } = folder
    const up = folder.start(2, "--service", "ok", "--restart-after", "50ms")
    await up.ready()
    const [victim, leaver] = (await up.file()).peers
    if (!victim?.pid || !leaver?.pid) throw new Error("two peers run")
    process.kill(victim.pid, "SIGKILL")
    const reborn = await until("peer-1 is ready again", async () => {
      const now = (await up.file()).peers[0]
      return now?.state === "ready" && now.pid !== victim.pid ? now : undefined
    })
    expect(await startsOf(data, "peer-1")).toEqual([victim.pid, reborn.pid])
    expect(up.printed()).toMatch(/peer-1 was killed \(SIGKILL\); back in 0\.05 s/)
    process.kill(leaver.pid, "SIGUSR2")
    await until("peer-2 has left", async () =>
      (await up.file()).peers[1]?.state === "left" ? true : undefined,
    )
    expect(up.printed()).toMatch(/peer-2 ended with code 0; it stays away/)
  })

  test("a peer that stays dead because it is told so", async () => {
    await using folder = await onData()
    const { data } = folder
    const up = folder.start(2, "--service", "ok", "--restart-after", "never")
    await up.ready()
    process.kill((await up.file()).peers[0]?.pid ?? 0, "SIGKILL")
    await until("peer-1 is down", async () => {
      const [now] = (await up.file()).peers
      return now?.state === "down" && now.pid === null ? true : undefined
    })
    expect(await startsOf(data, "peer-1")).toHaveLength(1)
  })

  test.each([
    ["fail 78 the data directory is somebody else's", 78],
    ["fail 69 the service never listens", 69],
  ])("a peer that cannot start stops everything: %s", async (service, code) => {
    await using folder = await onData()
    const up = folder.start(2, "--service", service)
    const { exitCode, stderr } = await up.child
    expect(exitCode).toBe(code)
    expect(stderr).toMatch(new RegExp(`^ringstead up: peer-\\d: ${service.slice(8)}$`))
  })

  test("one at a time on a data directory", async () => {
    await using folder = await onData()
    await folder.start(2, "--service", "ok").ready()
    const { exitCode, stderr } = await folder.start(2, "--service", "ok").child
    expect(exitCode).toBe(78)
    expect(stderr).toMatch(
      /^ringstead up: another 'ringstead up' runs on .* \(process \d+\); stop it, or choose/,
    )
  })

  test("a data directory with a genesis that is none is refused", async () => {
    await using folder = await onData()
    await writeFile(join(folder.data, "genesis.json"), "{}")
    const { exitCode, stderr } = await folder.start(2).child
    expect([exitCode, stderr]).toEqual([
      78,
      expect.stringMatching(/^ringstead up: genesis file .*: version must be 1/),
    ])
  })
})

/** A service that starts fast. */
const TINY = `exec node -e 'require("http").createServer((q, r) => r.end("ok")).listen(process.env.PORT)'`

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => {
      socket.destroy()
      resolve(true)
    })
    socket.once("error", () => resolve(false))
  })

test.each([
  ["SIGTERM", 0],
  ["SIGHUP", 0],
  ["SIGINT", 0],
  ["SIGKILL", undefined],
] as const)(
  "of a real ring nothing is left when up gets a %s, not of a frozen peer either",
  async (signal, code) => {
    await using folder = await onData(CHECKOUT[1])
    const up = folder.start(3, "--service", TINY)
    await up.ready()
    const file = await up.file()
    const [frozen] = file.peers
    // Whom nobody wakes does not end; that is why the leash alone is not enough.
    if (signal !== "SIGKILL" && frozen?.pid) process.kill(frozen.pid, "SIGSTOP")
    up.child.kill(signal)
    expect((await up.child).exitCode).toBe(code)
    await gone([...pidsIn(file), ...file.peers.map(({ instancePid }) => instancePid)])
    const ports = file.peers.flatMap(({ ringPort, url }) => [ringPort, Number(new URL(url).port)])
    expect(await Promise.all(ports.map(isOpen))).toEqual(ports.map(() => false))
  },
)
