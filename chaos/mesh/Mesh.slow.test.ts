import { createServer, connect, type Socket } from "node:net"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, expect, test } from "vitest"
import { freePorts } from "../../node/ports/FreePorts.ts"
import { PidFile } from "../cluster/PidFile.ts"
import { type RunningToxiproxy, startToxiproxy } from "../toxiproxy/StartToxiproxy.ts"
import { HOLD, Mesh } from "./Mesh.ts"

let directory: string
let toxiproxy: RunningToxiproxy
let ports: ReadonlyArray<number>

const say = (text: string): void => void process.stderr.write(`${text}\n`)

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ringstead-mesh-"))
  ports = await Effect.runPromise(Effect.scoped(freePorts(5)))
  toxiproxy = await startToxiproxy(ports[0] ?? 0, directory, new PidFile(directory, null), say)
}, 400_000)

afterAll(async () => {
  await toxiproxy.stop()
  await rm(directory, { recursive: true, force: true })
})

/** Counts what it receives, and sends as much back. */
const counting = (port: number): { readonly received: () => number; readonly close: () => void } => {
  let received = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    socket.on("data", (bytes) => {
      received += bytes.length
      socket.write(bytes)
    })
  }).listen(port, "127.0.0.1")
  return {
    received: () => received,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

const dialled = (port: number): { readonly socket: Socket; readonly received: () => number } => {
  let received = 0
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => {})
  socket.on("data", (bytes) => {
    received += bytes.length
  })
  return { socket, received: () => received }
}

/** What is sent comes back. */
const through = async (from: { readonly socket: Socket; readonly received: () => number }) => {
  const before = from.received()
  from.socket.write("x".repeat(100))
  await expect.poll(() => from.received() - before, { timeout: 5_000 }).toBe(100)
}

test("a full cut lets no byte through, a cut of one way none that way, and a healed link all", async () => {
  const [, a = 0, b = 0, toA = 0, toB = 0] = ports
  const mesh = new Mesh(toxiproxy.api, [
    {
      name: "p0-p1",
      from: "p0",
      to: "p1",
      listen: `127.0.0.1:${toB}`,
      upstream: `127.0.0.1:${b}`,
      port: "ring",
    },
    {
      name: "p1-p0",
      from: "p1",
      to: "p0",
      listen: `127.0.0.1:${toA}`,
      upstream: `127.0.0.1:${a}`,
      port: "ring",
    },
  ])
  await mesh.open()
  const [atA, atB] = [counting(a), counting(b)]
  try {
    const up = dialled(toB)
    const down = dialled(toA)
    await through(up)
    await through(down)
    const seen = (): ReadonlyArray<number> => [atA.received(), atB.received(), up.received(), down.received()]

    // Only what p0 sends is lost: its own bytes never arrive, and p1's arrive without an echo.
    await mesh.lay(1, [["p0", "p1"]], { type: "timeout", attributes: { timeout: 0 } })
    const before = seen()
    up.socket.write("y".repeat(100))
    down.socket.write("y".repeat(100))
    await expect.poll(() => atA.received() - (before[0] ?? 0), { timeout: 5_000 }).toBe(100)
    expect(seen().map((now, n) => now - (before[n] ?? 0))).toEqual([100, 0, 0, 0])

    await mesh.lay(2, [["p1", "p0"]], { type: "timeout", attributes: { timeout: 0 } })
    const cut = seen()
    const late = [dialled(toA), dialled(toB)]
    for (const { socket } of [up, down, ...late]) socket.write("z".repeat(100_000))
    // An uncut link carries this much within a few ms: that one is asked first.
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(seen()).toEqual(cut)
    expect(late.map(({ received }) => received())).toEqual([0, 0])

    await mesh.lift(1)
    await mesh.lift(2)
    await through(dialled(toB))
    await through(dialled(toA))
    for (const { socket } of [up, down, ...late]) socket.destroy()
  } finally {
    atA.close()
    atB.close()
  }
})

test("what is sent while a link is held arrives when it is let go, and nothing of it before", async () => {
  const [, a = 0, , , through1 = 0] = ports
  const mesh = new Mesh(toxiproxy.api, [
    {
      name: "p2-p3",
      from: "p2",
      to: "p3",
      listen: `127.0.0.1:${through1}`,
      upstream: `127.0.0.1:${a}`,
      port: "ring",
    },
  ])
  await toxiproxy.api.remove("p0-p1")
  await mesh.open()
  const there = counting(a)
  try {
    const line = dialled(through1)
    await through(line)
    const both = [
      ["p2", "p3"],
      ["p3", "p2"],
    ] as const
    await mesh.lay(1, both, HOLD)
    line.socket.write("h".repeat(100_000))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect([there.received(), line.received()]).toEqual([100, 100])
    await mesh.lift(1)
    await expect
      .poll(() => [there.received(), line.received()], { timeout: 5_000 })
      .toEqual([100_100, 100_100])
    line.socket.destroy()
  } finally {
    there.close()
  }
})
