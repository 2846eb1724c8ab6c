import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, expect, test } from "vitest"
import { freePorts } from "../../node/ports/FreePorts.ts"
import { PidFile } from "../cluster/PidFile.ts"
import { Mesh, type Pipe } from "../mesh/Mesh.ts"
import type { Link, LinkVerb } from "../plan/Plan.ts"
import { type RunningToxiproxy, startToxiproxy } from "../toxiproxy/StartToxiproxy.ts"
import { linkDeed } from "./LinkKinds.ts"

let directory: string
let toxiproxy: RunningToxiproxy
let pipes: ReadonlyArray<Pipe>
let mesh: Mesh
const servers: Array<Server> = []
const sockets = new Set<Socket>()

/** Answers why it refuses what it does not know, as soon as that is whole: a frame, or a head. */
const refusing = (port: number, isWhole: (said: string) => boolean): void => {
  servers.push(
    createServer((socket) => {
      sockets.add(socket)
      let said = ""
      socket.on("error", () => {})
      socket.on("data", (bytes) => {
        said += bytes.toString("latin1")
        if (isWhole(said)) socket.end("what was said is no greeting, and so it is refused: ".repeat(2))
      })
    }).listen(port, "127.0.0.1"),
  )
}

const links: ReadonlyArray<Link> = [
  ["p0", "p1"],
  ["p1", "p0"],
]

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "ringstead-links-"))
  const ports: ReadonlyArray<number> = await Effect.runPromise(Effect.scoped(freePorts(5)))
  const [api = 0, ring = 0, http = 0, toRing = 0, toHttp = 0] = ports
  toxiproxy = await startToxiproxy(api, directory, new PidFile(directory, null), () => {})
  refusing(ring, (said) => Buffer.from(said, "latin1").readUInt32BE() + 4 === said.length)
  refusing(http, (said) => said.includes("\r\n\r\n"))
  pipes = [
    {
      name: "p0-p1",
      from: "p0",
      to: "p1",
      listen: `127.0.0.1:${toRing}`,
      upstream: `127.0.0.1:${ring}`,
      port: "ring",
    },
    {
      name: "p1-p0",
      from: "p1",
      to: "p0",
      listen: `127.0.0.1:${toHttp}`,
      upstream: `127.0.0.1:${http}`,
      port: "http",
    },
  ]
  mesh = new Mesh(toxiproxy.api, pipes)
  await mesh.open()
}, 400_000)

afterAll(async () => {
  await toxiproxy.stop()
  for (const server of servers) server.close()
  for (const socket of sockets) socket.destroy()
  rmSync(directory, { recursive: true, force: true })
})

/** A nemesis that only says that it did something. */
class Idle extends Mesh {
  override lay(): Promise<void> {
    return Promise.resolve()
  }

  override lift(): Promise<void> {
    return Promise.resolve()
  }

  override reset(): Promise<void> {
    return Promise.resolve()
  }
}

const faults: ReadonlyArray<readonly [LinkVerb, Readonly<Record<string, number>>]> = [
  ["cut", {}],
  ["hold", {}],
  ["slow", { ms: 60 }],
  ["jitter", { ms: 80 }],
  ["throttle", { kbps: 8 }],
  ["throttle", { kbps: 63 }],
  ["slice", { bytes: 32 }],
  ["reset", {}],
]

test.each(faults)("%s is seen where it is laid, and not where it only was said to be", async (verb, args) => {
  const deed = linkDeed(mesh, verb, 1, links, args)
  const { bit, proof } = await deed.apply()
  expect([verb, bit, proof]).toEqual([verb, true, proof])
  const after = await deed.undo?.()
  expect(after?.bit).not.toBe(false)

  const idle = await linkDeed(new Idle(toxiproxy.api, pipes), verb, 2, links, args).apply()
  expect([verb, idle.bit, idle.proof]).toEqual([verb, false, idle.proof])
  // What was taken back leaves nothing.
  expect((await linkDeed(mesh, "heal", 3, links, {}).apply()).bit).toBe(true)
})

test("one direction of a link is cut for whoever dialled", async () => {
  const deed = linkDeed(mesh, "cutOneWay", 4, [["p0", "p1"]], {})
  expect(await deed.apply()).toMatchObject({ bit: true })
  await deed.undo?.()
})

test("what was held and then thrown away is no hold", async () => {
  const deed = linkDeed(mesh, "hold", 5, links, {})
  expect(await deed.apply()).toMatchObject({ bit: true })
  await mesh.reset(links)
  expect(await deed.undo?.()).toMatchObject({ bit: false })
})

test("of a link whose end dies meanwhile nothing is proved", async () => {
  const [port, listen] = await Effect.runPromise(Effect.scoped(freePorts(2)))
  const mortal = createServer((socket) => socket.on("data", () => socket.end("refused"))).listen(
    port,
    "127.0.0.1",
  )
  const pipe: Pipe = {
    name: "p0-p3",
    from: "p0",
    to: "p3",
    listen: `127.0.0.1:${listen}`,
    upstream: `127.0.0.1:${port}`,
    port: "http",
  }
  class Deadly extends Mesh {
    override async lay(): Promise<void> {
      await new Promise((resolve) => mortal.close(resolve))
    }
  }
  const alone = new Deadly(toxiproxy.api, [pipe])
  await alone.open()
  const { bit, proof } = await linkDeed(alone, "slow", 7, [["p0", "p3"]], { ms: 60 }).apply()
  expect(bit).toBe(false)
  expect(proof).toMatch(/then only a hang-up$/)
})

test("of a link at whose end nobody listens nothing is proved", async () => {
  const dead: Pipe = {
    name: "p0-p2",
    from: "p0",
    to: "p2",
    listen: "127.0.0.1:9",
    upstream: "127.0.0.1:9",
    port: "ring",
  }
  const alone = new Idle(toxiproxy.api, [dead])
  const { bit, proof } = await linkDeed(alone, "cut", 6, [["p0", "p2"]], {}).apply()
  expect([bit, proof]).toEqual([false, "p0-p2: nobody answers there anyhow"])
})
