import { connect } from "node:net"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { opened } from "../testing/Opened.ts"
import { rawConnection, statuses, talk } from "../testing/RawHttp.ts"
import { until } from "../testing/Until.ts"
import type { Exchange, Handler, HttpRequest, Reply } from "./Exchange.ts"
import { splitAddress } from "./HostPort.ts"
import { defaultLimits, type HttpLimits } from "./HttpLimits.ts"
import { serveHttp } from "./HttpServer.ts"
import { CHUNKED, UNTIL_CLOSE } from "./ResponseHead.ts"
import { Sweep } from "./Sweep.ts"

const seed = 20_260_801

const serve = (handler: Handler, limits: Partial<HttpLimits> = {}, listen = "127.0.0.1:0") =>
  opened(serveHttp({ listen, limits: { ...defaultLimits, ...limits }, sweep: new Sweep(5), handler }))

const respond = (reply: Reply, body: string): void => {
  const bytes = Buffer.from(body, "latin1")
  reply.start(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n`, bytes.length)
  reply.write(bytes, 0, bytes.length)
  reply.end()
}

/** Says what it was asked: method, target, body. */
const echo: Handler = ({ head, body }, reply) => {
  respond(reply, `<${head.method} ${head.target} ${body.toString("latin1")}>`)
  return undefined
}

const idle: Exchange = { onTick: () => undefined, onDrain: () => undefined, onGone: () => undefined }

/** Keeps requests for the test to answer. */
const keeping = () => {
  const kept: Array<{ readonly request: HttpRequest; readonly reply: Reply }> = []
  let gone = 0
  const handler: Handler = (request, reply) => {
    kept.push({ request, reply })
    return {
      ...idle,
      onGone: () => {
        gone++
      },
    }
  }
  return { kept, handler, gone: () => gone }
}

const GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

test("requests are read the same however their bytes arrive, and answered in order", async () => {
  await using server = await serve(echo)
  const stream =
    GET +
    "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" +
    "\r\n" +
    "PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: x\r\n\r\n" +
    "GET /d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 12 }),
      async (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length]
        const pieces = places.slice(1).map((end, i) => stream.slice(places[i], end))
        const answer = await talk(server.value.address, ...pieces)
        expect(answer.match(/<[^>]*>/g)).toEqual([
          "<GET /a >",
          "<POST /b hello>",
          "<PUT /c abcde>",
          "<GET /d >",
        ])
      },
    ),
    { seed, numRuns: 25 },
  )
})

test("a request that is pipelined waits for the one before it", async () => {
  const { kept, handler } = keeping()
  await using server = await serve(handler)
  using client = await rawConnection(server.value.address)
  await client.write(GET + GET.replace("/a", "/b"))
  await until("the first request", () => kept[0])
  expect(kept).toHaveLength(1)
  kept[0]?.reply.answer(503, "x", "first")
  await until("the second request", () => kept[1])
  kept[1]?.reply.answer(503, "x", "second")
  const text = await client.until("both answers", (received) => received.includes("second"))
  expect(text.indexOf("first")).toBeLessThan(text.indexOf("second"))
})

test("an answer that is still on its way out stays, whatever comes right behind it and however long it is", async () => {
  const length = 40_000
  const handler: Handler = ({ head }, reply) => {
    if (head.target === "/refused") reply.answer(400, "x", "refused")
    else respond(reply, "x".repeat(length))
    return undefined
  }
  await using server = await serve(handler)
  using client = await rawConnection(server.value.address)
  await client.write(GET + GET.replace("/a", "/refused"))
  const text = await client.until("the second answer", (received) => received.endsWith("refused\n"))
  expect(statuses(text)).toEqual([200, 400])
  expect(text.match(/x+(?=HTTP)/)?.[0]).toHaveLength(length)
})

test("a client that pipelines without end is not read without end", async () => {
  const { kept, handler } = keeping()
  await using server = await serve(handler)
  using client = await rawConnection(server.value.address)
  let sent = 0
  // Both kernels' buffers have to be full before the client notices.
  while (sent < 64 && client.socket.write(GET.repeat(40_000))) sent++
  await until("the first request", () => kept[0])
  await until("the client is held back", () => (client.socket.writableLength > 0 ? true : undefined))
  expect(kept).toHaveLength(1)
  kept[0]?.reply.abort()
})

describe("refusals on the wire", () => {
  test.each([
    ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400],
    [
      "length and chunks",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    ["a broken chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400],
    ["a body that says it is too large", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", 413],
    [
      "a body in chunks that gets too large",
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n${"x".repeat(101)}\r\n`,
      413,
    ],
    ["a head without end", `GET / HTTP/1.1\r\nA: ${"x".repeat(20_000)}`, 431],
    ["a bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", 400],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
    ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501],
  ])("%s", async (_, request, status) => {
    await using server = await serve(echo, { bodyBytes: 100 })
    const text = await talk(server.value.address, GET + request)
    // What came before is answered, what comes after is not read.
    expect(statuses(text)).toEqual([200, status])
    expect(text).toMatch(/\r\nConnection: close\r\n/)
    expect(text).toMatch(/\r\nRingstead-Status: [a-z-]+\r\n/)
    await until("the connection is gone", () => (server.value.connections() === 0 ? true : undefined))
  })

  test("the limit is named", async () => {
    await using server = await serve(echo, { bodyBytes: 100 })
    expect(
      await talk(server.value.address, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n"),
    ).toMatch(/100 bytes/)
  })

  test("a client that goes on sending its refused body is not reset: it reads why", async () => {
    await using server = await serve(echo, { bodyBytes: 100 })
    using client = await rawConnection(server.value.address)
    await client.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\n")
    expect(statuses(await client.end())).toEqual([413])
    for (let i = 0; i < 30; i++) await client.write("x".repeat(1_000))
    expect(client.socket.errored).toBeNull()
  })
})

describe("time", () => {
  const short = { headMs: 60, bodyMs: 60, idleMs: 60, lingerMs: 60 }

  test("a head that trickles in is cut off", async () => {
    await using server = await serve(echo, short)
    using client = await rawConnection(server.value.address)
    await client.write("GET / HTTP/1.1\r\n")
    const trickle = setInterval(() => client.socket.write("A: b\r\n"), 10)
    const text = await client.end()
    clearInterval(trickle)
    expect(statuses(text)).toEqual([408])
  })

  test("a body that trickles in is cut off", async () => {
    await using server = await serve(echo, short)
    using client = await rawConnection(server.value.address)
    await client.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
    const trickle = setInterval(() => client.socket.write("x"), 10)
    const text = await client.end()
    clearInterval(trickle)
    expect(statuses(text)).toEqual([408])
  })

  test("who says nothing, at first or after a request, is closed without a word", async () => {
    await using server = await serve(echo, short)
    expect(await talk(server.value.address)).toBe("")
    expect(statuses(await talk(server.value.address, GET))).toEqual([200])
    await until("no connection is left", () => (server.value.connections() === 0 ? true : undefined))
  })

  test("a hundred slow clients leave the server free for others", async () => {
    await using server = await serve(echo, { headMs: 2_000 })
    const slow = await Promise.all(Array.from({ length: 100 }, () => rawConnection(server.value.address)))
    for (const client of slow) await client.write("GET / HTTP/1.1\r\nHos")
    expect(
      statuses(await talk(server.value.address, GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))),
    ).toEqual([200])
    for (const client of slow) client.socket.destroy()
    await until("no connection is left", () => (server.value.connections() === 0 ? true : undefined))
  })

  test("a client that takes a long answer slowly is not cut off, though it was given to the system as a whole", async () => {
    // More than both kernels' buffers hold, so that most of it waits in this process.
    const length = 48 * 2 ** 20
    const handler: Handler = (_, reply) => {
      reply.start(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n`, length)
      reply.write(Buffer.alloc(length, "x"), 0, length)
      reply.end()
      return undefined
    }
    await using server = await serve(handler, { stallMs: 300, idleMs: 300 })
    const socket = connect(splitAddress(server.value.address))
    let taken = 0
    socket.on("data", (bytes) => {
      taken += bytes.length
      socket.pause()
    })
    // As often as it takes to be slower than the limit in all, and never silent for nearly as long.
    const take = setInterval(() => socket.resume(), 1)
    socket.write(GET)
    await until(
      "all of it, or the end",
      () => (taken > length || socket.destroyed ? true : undefined),
      10_000,
    )
    clearInterval(take)
    socket.destroy()
    expect(taken).toBeGreaterThan(length)
  })

  test("a client that takes nothing of its answer is cut off", async () => {
    const { kept, handler } = keeping()
    await using server = await serve(handler, { stallMs: 60 })
    using client = await rawConnection(server.value.address)
    await client.write(GET)
    client.socket.pause()
    const { reply } = await until("the request", () => kept[0])
    reply.start("HTTP/1.1 200 OK\r\n", CHUNKED)
    const piece = Buffer.alloc(60_000, "x")
    do reply.write(piece, 0, piece.length)
    while (reply.flush())
    await until("no connection is left", () => (server.value.connections() === 0 ? true : undefined))
    expect(server.value.inFlight()).toBe(0)
  })
})

describe("what the answer says of the connection", () => {
  const versions: ReadonlyArray<readonly [string, string, string | undefined, boolean]> = [
    ["1.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", undefined, false],
    ["1.1 and close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "close", true],
    ["1.0", "GET / HTTP/1.0\r\n\r\n", "close", true],
    ["1.0 and keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive", false],
  ]
  test.each(versions)("%s", async (_, request, connection, closes) => {
    await using server = await serve(echo)
    using client = await rawConnection(server.value.address)
    await client.write(request)
    const text = closes
      ? await client.end()
      : await client.until("the answer", (received) => received.includes("<GET"))
    expect(/\r\nConnection: (.*)\r\n/.exec(text)?.[1]).toBe(connection)
    expect(client.closed()).toBe(closes)
  })

  test.each([
    [
      "1.1",
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      "Transfer-Encoding: chunked",
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    ],
    ["1.0", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "Connection: close", "abcde"],
  ])("a body of unknown length in %s", async (_, request, line, body) => {
    for (const framing of [CHUNKED, UNTIL_CLOSE]) {
      await using server = await serve((__, reply) => {
        reply.start("HTTP/1.1 200 OK\r\n", framing)
        const bytes = Buffer.from("abcde")
        reply.write(bytes, 0, 3)
        reply.write(bytes, 3, 5)
        reply.end()
        return undefined
      })
      const text = await talk(server.value.address, request)
      expect(text).toContain(`${line}\r\n`)
      expect(text.slice(text.indexOf("\r\n\r\n") + 4)).toBe(body)
    }
  })

  test("our own answer to HEAD has a length and no body", async () => {
    await using server = await serve((_, reply) => {
      reply.answer(503, "x", "why")
      return undefined
    })
    const text = await talk(server.value.address, "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    expect(text).toMatch(/Content-Length: 4\r\n[^]*\r\n\r\n$/)
  })
})

const askFirst = (length: number): string =>
  `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`

test("100 Continue is said to who waits for it, once and only then", async () => {
  await using server = await serve(echo, { bodyBytes: 100 })
  using client = await rawConnection(server.value.address)
  await client.write(askFirst(5))
  await client.until("the interim answer", (received) => received === "HTTP/1.1 100 Continue\r\n\r\n")
  await client.write("hello")
  expect(statuses(await client.end())).toEqual([100, 200])
  expect(statuses(await talk(server.value.address, `${askFirst(5)}hello`))).toEqual([200])
  expect(statuses(await talk(server.value.address, askFirst(500)))).toEqual([413])
})

test("who closes only its own side still gets its answers", async () => {
  const { kept, handler } = keeping()
  await using server = await serve(handler)
  using client = await rawConnection(server.value.address)
  client.socket.end(GET + GET)
  for (const index of [0, 1]) {
    const { reply } = await until("a request", () => kept[index])
    reply.answer(503, "x", "why")
  }
  expect(statuses(await client.end())).toEqual([503, 503])
})

test("who works on a request hears that its client is gone, and nothing leaks", async () => {
  const { kept, handler, gone } = keeping()
  await using server = await serve(handler)
  const client = await rawConnection(server.value.address)
  await client.write(GET)
  await until("the request", () => kept[0])
  expect(server.value.inFlight()).toBe(1)
  client.socket.resetAndDestroy()
  await until("word of it", () => (gone() === 1 ? true : undefined))
  expect([server.value.inFlight(), server.value.connections()]).toEqual([0, 0])
})

test("more connections than allowed are closed at once", async () => {
  await using server = await serve(echo, { connections: 2 })
  using first = await rawConnection(server.value.address)
  using second = await rawConnection(server.value.address)
  await first.write(GET)
  await second.write(GET)
  await second.until("an answer", (received) => received.includes("<GET"))
  expect(await talk(server.value.address)).toBe("")
})

test("a taken port is an error that names the address and the remedy", async () => {
  await using server = await serve(echo)
  await expect(serve(echo, {}, server.value.address)).rejects.toThrow(
    `cannot listen on ${server.value.address}: another process does; stop it or choose another port`,
  )
})

test("closing lets requests in flight end, and closes the idle at once", async () => {
  const { kept, handler } = keeping()
  const server = await serve(handler)
  using waiting = await rawConnection(server.value.address)
  using resting = await rawConnection(server.value.address)
  await waiting.write(GET)
  const { reply } = await until("the request", () => kept[0])
  const closing = server.close()
  await resting.end()
  expect(waiting.closed()).toBe(false)
  respond(reply, "late but whole")
  await closing
  expect(await waiting.end()).toContain("Connection: close\r\n\r\nlate but whole")
  await expect(rawConnection(server.value.address)).rejects.toThrow(/ECONNREFUSED/)
})
