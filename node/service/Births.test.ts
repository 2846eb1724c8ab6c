import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { readFile, rm, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { expect, test, vi } from "vitest"
import type { ProcessEvent } from "../log/ProcessEvent.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { moduleUrl, runScript } from "../testing/ScriptProcess.ts"
import { until } from "../testing/Until.ts"
import { type BirthOptions, runBirths } from "./Births.ts"
import { isGroupAlive, membersOf } from "./ProcessGroup.ts"
import { markOf } from "./ProcessMark.ts"

// Real processes on a machine that others use too.
vi.setConfig({ testTimeout: 30_000 })

const node = `'${process.execPath}'`

/** A service in one line of JavaScript, which finds `serve()` and `port` there. */
const service = (script: string): string =>
  `${node} -e 'const port = process.env.PORT; const serve = () => require("http").createServer((q, s) => s.end("it serves")).listen(port); ${script}'`

const pauses = { firstMs: 10, mostMs: 40, calmMs: 60_000 }

/** A peer's instance with all that it emitted; stopped with its directory removed at the end of the test. */
const start = async (command: string, more: Partial<BirthOptions> = {}) => {
  const scratch = await scratchDirectory()
  const births: Array<string> = []
  const events: Array<ProcessEvent> = []
  const scope = Effect.runSync(Scope.make())
  const stop = (): Promise<void> => Effect.runPromise(Scope.close(scope, Exit.void))
  const logFile = join(scratch.path, "service.log")
  const recordFile = join(scratch.path, "instance.json")
  const dispose = async (): Promise<void> => {
    await stop()
    await scratch[Symbol.asyncDispose]()
  }
  try {
    const instance = await Effect.runPromise(
      runBirths({
        command,
        logFile,
        recordFile,
        readyMs: 10_000,
        pauses,
        emit: (event) => events.push(event),
        onBirth: (birth) => births.push(birth === null ? "none" : `born ${birth}`),
        onGone: (birth) => births.push(`gone ${birth}`),
        ...more,
      }).pipe(Scope.provide(scope)),
    )
    const states = (): ReadonlyArray<string> =>
      events.filter((event) => event.type === "instance").map((event) => event.state)
    const warnings = (): string =>
      events
        .filter((event) => event.type === "warning")
        .map((event) => event.reason)
        .join("\n")
    const pid = instance.state().pid ?? 0
    return {
      instance,
      births,
      events,
      states,
      warnings,
      pid,
      stop,
      logFile,
      recordFile,
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })

test("a service is started with PORT, waited for, and nothing of it is left after", async () => {
  await using peer = await start(service(`console.log("hello from " + port); console.error("psst"); serve()`))
  const upstream = peer.instance.upstream()
  if (upstream === null) throw new Error("it is ready and has no upstream")
  const host = upstream.host.includes(":") ? `[${upstream.host}]` : upstream.host
  const answer = await fetch(`http://${host}:${upstream.port}/`)
  expect(await answer.text()).toBe("it serves")
  expect(peer.instance.state()).toEqual({ state: "ready", pid: peer.pid, restarts: 0 })
  expect(peer.states()).toEqual(["starting", "ready"])
  await peer.stop()
  expect(peer.states()).toEqual(["starting", "ready", "stopped"])
  expect(peer.instance.state()).toEqual({ state: "stopped", pid: null, restarts: 0 })
  expect(peer.instance.upstream()).toBeNull()
  expect(isGroupAlive(peer.pid)).toBe(false)
  expect(await answers(upstream.port)).toBe(false)
  expect(existsSync(peer.recordFile)).toBe(false)
  expect(peer.events).toContainEqual({ type: "service", stream: "out", line: `hello from ${upstream.port}` })
  expect(peer.events).toContainEqual({ type: "service", stream: "err", line: "psst" })
  const log = await readFile(peer.logFile, "utf8")
  expect(log).toMatch(new RegExp(`^--- \\S+ started, pid ${peer.pid}, PORT=${upstream.port}$`, "m"))
  expect(log).toContain(`hello from ${upstream.port}\n`)
})

test("a service that listens on ::1 alone is found there", async () => {
  await using peer = await start(service(`require("http").createServer().listen(port, "::1")`))
  expect(peer.instance.upstream()?.host).toBe("::1")
})

test("a service that dies is started again, on a fresh port, and its leftovers are gone before", async () => {
  await using peer = await start(`sleep 1000 & exec ${service("serve()")}`)
  const first = peer.instance.upstream()
  const group = membersOf(peer.pid).map((member) => member.pid)
  process.kill(peer.pid, "SIGKILL")
  await until("it is down", () => peer.instance.upstream() === null || undefined)
  await until("it starts again", () => peer.instance.state().state === "starting" || undefined)
  expect(isGroupAlive(peer.pid)).toBe(false)
  const second = await until("it is ready again", () => peer.instance.upstream() ?? undefined)
  expect(second.port).not.toBe(first?.port)
  const { state, pid, restarts } = peer.instance.state()
  expect([state, restarts]).toEqual(["ready", 1])
  expect(group).not.toContain(pid)
  expect(peer.states()).toEqual(["starting", "ready", "down", "starting", "ready"])
  expect(peer.warnings()).toMatch(/^service ".*" ended with signal SIGKILL; starting it again in 10 ms$/)
})

test("a service that hangs is killed at once, with all that it started", async () => {
  await using peer = await start(`sleep 1000 & exec ${service("serve()")}`)
  process.kill(-peer.pid, "SIGSTOP")
  peer.instance.kill("it gave no answer in 30000 ms")
  expect(peer.instance.upstream()).toBeNull()
  expect(peer.instance.state()).toEqual({ state: "down", pid: null, restarts: 0 })
  peer.instance.kill("twice")
  await until("it is ready again", () => peer.instance.upstream() ?? undefined)
  expect(isGroupAlive(peer.pid)).toBe(false)
  expect(peer.warnings()).toMatch(/ was killed: it gave no answer in 30000 ms; starting it again in 10 ms$/)
})

test("a later start that fails is a warning, and it is tried again", async () => {
  await using scratch = await scratchDirectory()
  const flag = join(scratch.path, "flag")
  await writeFile(flag, "")
  await using peer = await start(
    `sleep 1000 & test -f ${flag} || { echo "no flag: denied" >&2; exit 3; }; ${service("serve()")}`,
  )
  await rm(flag)
  peer.instance.kill("to see")
  const again =
    / ended before it accepted a connection: exit code 3 \(no flag: denied\); .*; trying again in 40 ms$/m
  await until("it fails to start", () => again.test(peer.warnings()) || undefined)
  await writeFile(flag, "")
  await until("it is ready", () => peer.instance.upstream() ?? undefined)
  expect(peer.instance.state().restarts).toBeGreaterThan(1)
  const groups = peer.events.filter((event) => event.type === "instance" && event.state === "starting")
  const alive = groups.filter((event) => event.type === "instance" && isGroupAlive(event.pid ?? 0))
  expect([groups.length > 2, alive.length]).toEqual([true, 1])
})

test("a service that ignores SIGTERM is killed when its time is over", async () => {
  // It does not listen: the port belongs to the other one.
  const deaf = `process.on("SIGTERM", () => console.log("I stay")); setInterval(() => {}, 1000)`
  await using peer = await start(`${service(deaf)} & exec ${service("serve()")}`, { stopMs: 150 })
  await peer.stop()
  expect(isGroupAlive(peer.pid)).toBe(false)
  expect(peer.states().at(-1)).toBe("stopped")
})

test("a service may take its time to stop, even when the shell before it does not", async () => {
  await using scratch = await scratchDirectory()
  const flag = join(scratch.path, "stopped")
  const slow = `process.on("SIGTERM", () => setTimeout(() => { require("fs").writeFileSync("${flag}", ""); process.exit() }, 100)); serve()`
  await using peer = await start(`${service(slow)}; true`)
  await peer.stop()
  expect(existsSync(flag)).toBe(true)
  expect(isGroupAlive(peer.pid)).toBe(false)
})

test.each([
  [
    "missing",
    "nosuch-service --port 1",
    /^service "nosuch-service --port 1" was not found: exit code 127 \(.*not found\); check the command$/,
  ],
  [
    "missing",
    "/dev/null",
    /^service "\/dev\/null" cannot be executed: exit code 126 \(.*denied\); check the command$/,
  ],
  [
    "exited",
    "exit 3",
    /^service "exit 3" ended before it accepted a connection: exit code 3; it must listen on the port in the PORT environment variable and keep running$/,
  ],
  [
    "exited",
    "echo >&2 'Error: no database'; kill -6 $$",
    /: signal SIGABRT \(Error: no database\); it must listen/,
  ],
  ["exited", "true\nfalse", /^service "true false" ended before it accepted a connection: exit code 1; /],
])("%s at the first start: %j", async (kind, command, reason) => {
  await expect(start(command)).rejects.toMatchObject({ kind, reason: expect.stringMatching(reason) })
})

test("never ready at the first start", async () => {
  await expect(start("echo waiting >&2; exec sleep 1000", { readyMs: 100 })).rejects.toMatchObject({
    kind: "unready",
    reason: expect.stringMatching(
      /^service "echo waiting >&2; exec sleep 1000" accepted no connection on 127.0.0.1:[0-9]+ or \[::1\]:[0-9]+ within 100 ms \(waiting\); it must listen on the port in the PORT environment variable, or be given more time$/,
    ),
  })
})

test("nothing is left of a start that is interrupted", async () => {
  await using scratch = await scratchDirectory()
  const pids: Array<number> = []
  const emit = (event: ProcessEvent): void => {
    if (event.type === "instance" && event.pid !== null) pids.push(event.pid)
  }
  const files = {
    logFile: join(scratch.path, "service.log"),
    recordFile: join(scratch.path, "instance.json"),
  }
  const starting = Effect.runFork(
    Effect.scoped(runBirths({ command: "exec sleep 1000", ...files, readyMs: 60_000, emit })),
  )
  const pgid = await until("it is starting", () => pids[0])
  await Effect.runPromise(Fiber.interrupt(starting))
  expect(isGroupAlive(pgid)).toBe(false)
  expect(existsSync(files.recordFile)).toBe(false)
})

/** A process group that an earlier peer might have left. */
const leftover = async () => {
  const child = spawn("sh", ["-c", "sleep 1000 & echo ready; exec sleep 1000"], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  })
  await once(child.stdout, "data")
  return { child, pgid: child.pid ?? 0, ended: once(child, "exit") }
}

test("what an earlier peer on the directory left is killed before a fresh instance starts", async () => {
  await using scratch = await scratchDirectory()
  const recordFile = join(scratch.path, "instance.json")
  const { pgid } = await leftover()
  await writeFile(recordFile, JSON.stringify({ version: 1, pgid, mark: markOf(pgid) }))
  await using peer = await start(`kill -0 -- -${pgid} 2>/dev/null && exit 9; ${service("serve()")}`, {
    recordFile,
  })
  expect(isGroupAlive(pgid)).toBe(false)
  expect(peer.warnings()).toBe(`killed the service instance of an earlier run (process group ${pgid})`)
})

test("also when its leader has gone before the rest", async () => {
  await using scratch = await scratchDirectory()
  const recordFile = join(scratch.path, "instance.json")
  const { child, pgid, ended } = await leftover()
  await writeFile(recordFile, JSON.stringify({ version: 1, pgid, mark: markOf(pgid) }))
  child.kill("SIGKILL")
  await ended
  expect(isGroupAlive(pgid)).toBe(true)
  await using peer = await start(service("serve()"), { recordFile })
  expect([peer.states().at(-1), isGroupAlive(pgid)]).toEqual(["ready", false])
})

test("a stranger that was given the recorded number is left alone", async () => {
  const { pgid } = await leftover()
  try {
    for (const mark of [`${markOf(pgid)}0`, "00000000-0000-0000-0000-000000000000 1"]) {
      await using scratch = await scratchDirectory()
      const recordFile = join(scratch.path, "instance.json")
      await writeFile(recordFile, JSON.stringify({ version: 1, pgid, mark }))
      await using peer = await start(service("serve()"), { recordFile })
      expect([peer.states().at(-1), isGroupAlive(pgid)]).toEqual(["ready", true])
    }
  } finally {
    process.kill(-pgid, "SIGKILL")
  }
})

test("a record that cannot be read is no obstacle", async () => {
  for (const text of [
    "",
    "{}",
    "null",
    '{"version":1,"pgid":0,"mark":null}',
    '{"version":1,"pgid":-1,"mark":null}',
  ]) {
    await using scratch = await scratchDirectory()
    const recordFile = join(scratch.path, "instance.json")
    await writeFile(recordFile, text)
    await expect(start("exit 4", { recordFile })).rejects.toMatchObject({ kind: "exited" })
  }
})

test("SIGKILL to the peer ends the service and its workers, and the next peer finds the record", async () => {
  await using scratch = await scratchDirectory()
  const recordFile = join(scratch.path, "instance.json")
  const options = {
    command: `sleep 1000 & exec ${service("serve()")}`,
    logFile: join(scratch.path, "log"),
    recordFile,
    readyMs: 10_000,
  }
  await using parent = runScript(`
    const Effect = await import("${import.meta.resolve("effect/Effect")}")
    const { runBirths } = await import("${moduleUrl("node/service/Births.ts")}")
    await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      const instance = yield* runBirths({ ...${JSON.stringify(options)}, emit: () => {} })
      console.log(instance.state().pid)
      yield* Effect.never
    })))
  `)
  const pgid = await until("the service is ready", () => Number(parent.printed()) || undefined)
  parent.child.kill("SIGKILL")
  await until("its group ends", () => !isGroupAlive(pgid) || undefined)
  expect(JSON.parse(await readFile(recordFile, "utf8"))).toMatchObject({ version: 1, groups: [{ pgid }] })
  await using peer = await start(service("serve()"), { recordFile })
  expect(peer.states().at(-1)).toBe("ready")
})

/** Waits for the end of what a peer's `births` tell. */
const untilTold = (peer: { readonly births: ReadonlyArray<string> }, ...last: ReadonlyArray<string>) =>
  until(last.join(), () => peer.births.slice(-last.length).join() === last.join() || undefined)

test("a fresh instance is started beside the old one, which serves until it is retired", async () => {
  await using peer = await start(service("serve()"))
  const first = peer.instance.at(1)
  peer.instance.renew(1, "a session is tainted")
  peer.instance.renew(1, "another one is")
  expect([peer.instance.state().state, peer.instance.upstream()]).toEqual(["ready", first])
  await untilTold(peer, "born 1", "born 2")
  peer.instance.renew(1, "too late")
  const second = peer.instance.at(2)
  expect(peer.instance.upstream()).toBe(second)
  expect(peer.instance.at(1)).toBe(first)
  expect(await answers(first?.port ?? 0)).toBe(true)
  peer.instance.retire(2)
  peer.instance.retire(1)
  expect(peer.instance.at(1)).toBeNull()
  await until("nothing of the old one runs", () => !isGroupAlive(peer.pid) || undefined)
  const { state, pid, restarts } = peer.instance.state()
  expect([state, restarts, isGroupAlive(pid ?? 0)]).toEqual(["ready", 1, true])
  expect(peer.births).toEqual(["born 1", "born 2", "gone 1"])
  expect(peer.warnings()).toBe("a fresh instance of the service is started: a session is tainted")
  await until(
    "the record names the new one alone",
    async () => JSON.parse(await readFile(peer.recordFile, "utf8")).groups.length === 1 || undefined,
  )
  expect(JSON.parse(await readFile(peer.recordFile, "utf8")).groups).toMatchObject([{ pgid: pid }])
  await peer.stop()
  expect(isGroupAlive(pid ?? 0)).toBe(false)
})

test("the newest dies and the old one lives: another is started; the old one dies: nothing is", async () => {
  await using peer = await start(service("serve()"))
  peer.instance.renew(1, "to see")
  await untilTold(peer, "born 2")
  process.kill(peer.instance.state().pid ?? 0, "SIGKILL")
  await untilTold(peer, "born 2", "gone 2", "none", "born 3")
  expect(peer.instance.at(1)).not.toBeNull()
  peer.instance.kill("it hangs", 1)
  expect(peer.births.at(-1)).toBe("gone 1")
  await until("it is told", () => peer.warnings().endsWith("was killed: it hangs") || undefined)
  expect(peer.instance.state()).toMatchObject({ state: "ready", restarts: 2 })
  expect(peer.births).toEqual(["born 1", "born 2", "gone 2", "none", "born 3", "gone 1"])
})

test("the old one dies while the fresh one is starting: one start is enough", async () => {
  await using peer = await start(service("setTimeout(serve, 300)"))
  peer.instance.renew(1, "to see")
  await until("two run", async () => JSON.parse(await readFile(peer.recordFile, "utf8")).groups[1])
  process.kill(peer.pid, "SIGKILL")
  await untilTold(peer, "born 1", "gone 1", "none", "born 2")
  expect(peer.instance.state()).toMatchObject({ state: "ready", restarts: 1 })
})

test("a fresh instance that does not start is tried again, and the old one goes on", async () => {
  await using scratch = await scratchDirectory()
  const flag = join(scratch.path, "flag")
  await writeFile(flag, "")
  await using peer = await start(`test -f ${flag} || exit 3; exec ${service("serve()")}`)
  await rm(flag)
  peer.instance.renew(1, "to see")
  await until("it fails to start", () => peer.warnings().includes("; trying again in ") || undefined)
  expect(peer.instance.state()).toMatchObject({ state: "ready", pid: peer.pid })
  await writeFile(flag, "")
  await untilTold(peer, "born 1", "born 2")
})

test("SIGKILL to the peer ends both births, and a freeze of both is ended by the next peer", async () => {
  await using scratch = await scratchDirectory()
  const recordFile = join(scratch.path, "instance.json")
  const options = {
    command: `sleep 1000 & exec ${service("serve()")}`,
    logFile: join(scratch.path, "log"),
    recordFile,
    readyMs: 10_000,
  }
  for (const frozen of [false, true]) {
    await using parent = runScript(`
      const Effect = await import("${import.meta.resolve("effect/Effect")}")
      const { runBirths } = await import("${moduleUrl("node/service/Births.ts")}")
      await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
        const both = []
        const births = yield* runBirths({ ...${JSON.stringify(options)}, emit: (event) => {
          if (event.type !== "instance" || event.state !== "ready" || both.push(event.pid) < 2) return
          console.log(both.join())
        } })
        births.renew(1, "to see")
        yield* Effect.never
      })))
    `)
    const groups = await until("both are ready", () => {
      const pids = parent.printed().trim().split(",").map(Number)
      return pids.length === 2 ? pids : undefined
    })
    if (frozen) for (const group of groups) process.kill(-group, "SIGSTOP")
    parent.child.kill("SIGKILL")
    await parent.ended
    // A frozen group cannot end itself.
    await until(
      "they end, if they can",
      () => groups.every((group) => isGroupAlive(group) === frozen) || undefined,
    )
    await using peer = await start(service("serve()"), { recordFile })
    expect(groups.map(isGroupAlive)).toEqual([false, false])
    expect(peer.warnings().match(/killed the service instance of an earlier run/g)?.length ?? 0).toBe(
      frozen ? 2 : 0,
    )
  }
})
