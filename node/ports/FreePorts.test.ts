import { createServer } from "node:net"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { expect, test, vi } from "vitest"
import { moduleUrl, runScript } from "../testing/ScriptProcess.ts"
import { FIRST_PORT, freePorts, PORT_COUNT } from "./FreePorts.ts"

// Real processes on a machine that others use too.
vi.setConfig({ testTimeout: 30_000 })

const listens = (port: number, host?: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => server.close(() => resolve(true)))
  })

/** Runs `use` with `count` ports, which are given back after it. */
const withPorts = <A>(
  count: number,
  use: (ports: ReadonlyArray<number>) => Promise<A>,
  start?: number,
): Promise<A> =>
  Effect.runPromise(
    Effect.scoped(
      freePorts(count, "127.0.0.1", start).pipe(Effect.flatMap((ports) => Effect.promise(() => use(ports)))),
    ),
  )

test("as many as asked for, distinct, in the range, and free on one address and on all", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), (count) =>
      withPorts(count, async (ports) => {
        expect(new Set(ports).size).toBe(count)
        for (const port of ports) {
          expect(port).toBeGreaterThanOrEqual(FIRST_PORT)
          expect(port).toBeLessThan(FIRST_PORT + PORT_COUNT)
          expect(await listens(port, "127.0.0.1")).toBe(true)
          expect(await listens(port)).toBe(true)
        }
      }),
    ),
    { seed: 7, numRuns: 10 },
  )
})

test("nobody else is given a port that is not given back, in this process or another", async () => {
  // All look in the same places in the same order.
  const start = process.pid
  const [mine, here, there] = await withPorts(
    40,
    async (ports) => {
      await using other = runScript(`
        const Effect = await import("${import.meta.resolve("effect/Effect")}")
        const { freePorts } = await import("${moduleUrl("node/ports/FreePorts.ts")}")
        const ports = await Effect.runPromise(Effect.scoped(freePorts(40, "127.0.0.1", ${start})))
        console.log(JSON.stringify(ports))
      `)
      const others = await withPorts(40, async (given) => given, start)
      await other.ended
      return [ports, others, JSON.parse(other.printed()) as ReadonlyArray<number>]
    },
    start,
  )
  const taken = new Set(mine)
  expect([here?.length, there?.length]).toEqual([40, 40])
  expect([...(here ?? []), ...(there ?? [])].filter((port) => taken.has(port))).toEqual([])
  const again = await withPorts(40, async (given) => given, start)
  expect(again.some((port) => taken.has(port))).toBe(true)
})

test("a port in use is passed over", async () => {
  const start = process.pid + 6000
  const ports = await withPorts(20, async (given) => given, start)
  const servers = await Promise.all(
    ports.map(
      (port) =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer()
          server.listen(port, "127.0.0.1", () => resolve(server))
        }),
    ),
  )
  const others = await withPorts(40, async (given) => given, start)
  for (const server of servers) server.close()
  expect(others.filter((port) => ports.includes(port))).toEqual([])
})

test("an address of another machine is refused at once", async () => {
  await expect(Effect.runPromise(Effect.scoped(freePorts(1, "203.0.113.1")))).rejects.toThrow(
    "cannot listen on 203.0.113.1: EADDRNOTAVAIL; give an address of this machine",
  )
})
