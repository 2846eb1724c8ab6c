import { once } from "node:events"
import * as http from "node:http"
import fc from "fast-check"
import { afterEach, describe, expect, test } from "vitest"
import { answering, type RawConnection, rawServer } from "../testing/RawHttp.ts"
import { until } from "../testing/Until.ts"
import { isIdempotent } from "./Grammar.ts"
import { defaultLimits } from "./HttpLimits.ts"
import { Sweep } from "./Sweep.ts"
import type { UpstreamFailure, UpstreamRequest } from "./Upstream.ts"
import { UpstreamPool, type UpstreamPoolOptions } from "./UpstreamPool.ts"

const seed = 20_260_801

const pools: Array<UpstreamPool> = []

afterEach(() => {
  for (const pool of pools.splice(0)) pool.close()
})

const makePool = (options: Partial<UpstreamPoolOptions> = {}): UpstreamPool => {
  const pool = new UpstreamPool({
    limits: defaultLimits,
    times: { connectMs: 2_000, idleMs: 10_000, silentMs: 10_000 },
    sweep: new Sweep(5),
    most: 8,
    waiting: 8,
    ...options,
  })
  pools.push(pool)
  return pool
}

const request = (method = "GET", body = ""): UpstreamRequest => ({
  method,
  head: `${method} / HTTP/1.1\r\nHost: a\r\n${body === "" ? "" : `Content-Length: ${body.length}\r\n`}\r\n`,
  body: Buffer.from(body, "latin1"),
  idempotent: isIdempotent(method),
})

interface Outcome {
  status: number
  body: string
  failure: UpstreamFailure["kind"] | undefined
  reason: string
}

/** Sends and collects. `status` is 0 when no head came, `failure` undefined when the response is whole. */
const ask = (pool: UpstreamPool, address: string, what = request()): Promise<Outcome> =>
  new Promise((resolve) => {
    const outcome: Outcome = { status: 0, body: "", failure: undefined, reason: "" }
    pool.send(address, what, {
      onHead: (head) => {
        outcome.status = head.status
      },
      onBody: (bytes, from, to) => {
        outcome.body += bytes.toString("latin1", from, to)
      },
      onPause: () => undefined,
      onEnd: () => resolve(outcome),
      onFailure: ({ kind, reason }) => resolve({ ...outcome, failure: kind, reason }),
    })
  })

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

describe("responses", () => {
  test.each([
    ["of a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true],
    ["of no length", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true],
    [
      "in chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x\r\nllo\r\n0\r\nA: b\r\n\r\n",
      "hello",
      true,
    ],
    ["until the close", "HTTP/1.0 200 OK\r\n\r\nhello", "hello", false],
    [
      "after interim ones",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
      "hello",
      true,
    ],
    [
      "with a close",
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
      "hello",
      false,
    ],
  ])("%s, however their bytes arrive", async (_, response, body, reusable) => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: response.length - 1 }), { maxLength: 8 }),
        async (cuts) => {
          const places = [0, ...cuts.toSorted((a, b) => a - b), response.length]
          const respond = async (connection: RawConnection): Promise<void> => {
            await connection.until("the request", (received) => received.endsWith("\r\n\r\n"))
            for (const [i, end] of places.slice(1).entries()) {
              await connection.write(response.slice(places[i], end))
            }
            if (!reusable) connection.socket.end()
          }
          await using server = await rawServer((connection) => void respond(connection))
          const pool = makePool()
          expect(await ask(pool, server.address)).toMatchObject({ status: 200, body, failure: undefined })
          const kept = reusable ? 1 : 0
          await until("the connection is kept or not", () => (pool.connections() === kept ? true : undefined))
          pool.close()
        },
      ),
      { seed, numRuns: 8 },
    )
  })

  test.each([
    ["204", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "GET"],
    ["304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "GET"],
    ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD"],
  ])("%s has no body, and its connection is used again", async (_, response, method) => {
    await using server = await rawServer(answering(() => response))
    const pool = makePool()
    for (let i = 0; i < 3; i++) {
      expect(await ask(pool, server.address, request(method))).toMatchObject({ body: "", failure: undefined })
    }
    expect(server.connections).toHaveLength(1)
  })

  test.each([
    ["no HTTP", "hello\r\n\r\n"],
    ["a bare LF", "HTTP/1.1 200 OK\n\n"],
    ["an unasked upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
    ["contradicting lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["an endless head", `HTTP/1.1 200 OK\r\nA: ${"x".repeat(20_000)}`],
    ["a broken chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
  ])("garbage: %s", async (_, response) => {
    await using server = await rawServer(answering(() => response))
    const pool = makePool()
    const outcome = await ask(pool, server.address)
    expect(outcome.failure).toBe("garbage")
    expect(outcome.reason).toContain(server.address)
    expect(pool.connections()).toBe(0)
  })

  test("a body that ends early is no whole body", async () => {
    await using server = await rawServer((connection) => {
      connection.socket.end("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
    })
    expect(await ask(makePool(), server.address)).toMatchObject({ status: 200, body: "hel", failure: "lost" })
  })

  test("a connection that says more than it was asked is not used again, though others wait for it", async () => {
    await using server = await rawServer(
      answering(() => `${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`),
    )
    const pool = makePool({ most: 1 })
    for (const one of [1, 2, 3].map(() => ask(pool, server.address))) {
      expect(await one).toMatchObject({ body: "ok" })
    }
    expect(server.connections).toHaveLength(3)
  })
})

describe("connections", () => {
  test("are used again, and closed when idle for long", async () => {
    await using server = await rawServer(answering(() => OK))
    const pool = makePool({ times: { connectMs: 1_000, idleMs: 40, silentMs: 1_000 } })
    for (let i = 0; i < 5; i++) expect(await ask(pool, server.address)).toMatchObject({ body: "ok" })
    expect(server.connections).toHaveLength(1)
    await until("it is closed", () => (pool.connections() === 0 ? true : undefined))
  })

  test("are closed before the server does, when it says when", async () => {
    await using server = await rawServer(
      answering(() => OK.replace("\r\n\r\n", "\r\nKeep-Alive: timeout=1\r\n\r\n")),
    )
    const pool = makePool()
    expect(await ask(pool, server.address)).toMatchObject({ body: "ok" })
    await until("it is closed", () => (pool.connections() === 0 ? true : undefined))
  })

  test("are bounded, and so is who waits for one", async () => {
    await using server = await rawServer()
    const pool = makePool({ most: 2, waiting: 3 })
    const asked = Array.from({ length: 6 }, () => ask(pool, server.address))
    expect(await asked[5]).toMatchObject({
      failure: "busy",
      reason: expect.stringContaining("2 requests are there"),
    })
    await until("two connections", () => (server.connections.length === 2 ? true : undefined))
    for (const { socket } of server.connections) {
      socket.on("data", () => socket.write(OK))
      socket.write(OK)
    }
    for (const one of asked.slice(0, 5)) expect(await one).toMatchObject({ body: "ok", failure: undefined })
    expect(server.connections).toHaveLength(2)
  })

  test("the server may close an idle one just then: tried once more if that is harmless", async () => {
    let accepted = 0
    await using server = await rawServer((connection) => {
      accepted++
      // The first connection answers once and is closed by the next request.
      answering((_, index) => {
        if (accepted === 1 && index > 0) connection.socket.destroy()
        return OK
      })(connection)
    })
    const pool = makePool()
    expect(await ask(pool, server.address)).toMatchObject({ body: "ok" })
    expect(await ask(pool, server.address)).toMatchObject({ body: "ok", failure: undefined })
    expect(accepted).toBe(2)
  })

  test("but not a request that may not be executed twice", async () => {
    await using server = await rawServer((connection) =>
      answering((_, index) => {
        if (index > 0) connection.socket.destroy()
        return OK
      })(connection),
    )
    const pool = makePool()
    expect(await ask(pool, server.address)).toMatchObject({ body: "ok" })
    expect(await ask(pool, server.address, request("POST"))).toMatchObject({ status: 0, failure: "lost" })
  })

  test("a new connection that is lost is not tried again here", async () => {
    await using server = await rawServer(({ socket }) => socket.on("data", () => socket.destroy()))
    expect(await ask(makePool(), server.address)).toMatchObject({ failure: "lost" })
    expect(server.connections).toHaveLength(1)
  })

  test("nobody listens: nothing was sent", async () => {
    const server = await rawServer()
    await server[Symbol.asyncDispose]()
    expect(await ask(makePool(), server.address)).toMatchObject({
      failure: "unsent",
      reason: `${server.address}: nobody listens there`,
    })
  })

  test("a server that falls silent within its answer is given up", async () => {
    await using server = await rawServer(answering(() => "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"))
    const pool = makePool({ times: { connectMs: 1_000, idleMs: 1_000, silentMs: 40 } })
    expect(await ask(pool, server.address)).toMatchObject({ body: "hel", failure: "lost" })
  })

  test("closing the pool fails what is in flight and what waits", async () => {
    await using server = await rawServer()
    const pool = makePool({ most: 1 })
    const asked = [ask(pool, server.address), ask(pool, server.address)]
    await until("the request", () => (server.connections[0]?.received() ? true : undefined))
    pool.close()
    expect(await asked[0]).toMatchObject({ failure: "lost" })
    expect(await asked[1]).toMatchObject({ failure: "unsent" })
    expect(await ask(pool, server.address)).toMatchObject({ failure: "unsent" })
    expect(pool.connections()).toBe(0)
  })
})

test("what node's own server sends is what arrives", async () => {
  const sent: Array<{ status: number; body: string }> = []
  const node = http.createServer((_, response) => {
    const answer = sent.at(-1)
    if (answer === undefined) return
    response.statusCode = answer.status
    for (const piece of answer.body.match(/[^]{1,7}/g) ?? []) response.write(Buffer.from(piece, "latin1"))
    response.end()
  })
  node.listen(0, "127.0.0.1")
  await once(node, "listening")
  const bound = node.address()
  const address = typeof bound === "object" && bound !== null ? `127.0.0.1:${bound.port}` : ""
  const pool = makePool()
  const latin1 = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(200, 404, 500, 204, 304),
      latin1,
      fc.constantFrom("GET", "HEAD", "POST"),
      async (status, body, method) => {
        sent.push({ status, body })
        const empty = method === "HEAD" || status === 204 || status === 304
        expect(await ask(pool, address, request(method, method === "POST" ? "x" : ""))).toEqual({
          status,
          body: empty ? "" : body,
          failure: undefined,
          reason: "",
        })
      },
    ),
    { seed, numRuns: 60 },
  )
  expect(pool.connections()).toBe(1)
  node.closeAllConnections()
  node.close()
})
