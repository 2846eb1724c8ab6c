import { gzipSync, deflateRawSync, deflateSync, brotliCompressSync } from "node:zlib"
import { describe, expect, test, vi } from "vitest"
import { NO_NOISE, parseNoise } from "../../core/handoff/Noise.ts"
import type { Difference, Outcome } from "../../core/handoff/Reply.ts"
import type { Replay, RequestEntry } from "../../core/replication/Entry.ts"
import { splitAddress } from "../http/HostPort.ts"
import { answering, type RawConnection, type RawServer, rawServer } from "../testing/RawHttp.ts"
import { until } from "../testing/Until.ts"
import { Requests, type RequestsOptions, restAfter } from "./Requests.ts"

/** Requests at a server of which the birth 1 consists; killing it only makes it gone. */
const setUp = (server: RawServer, more: Partial<RequestsOptions> = {}) => {
  const killed: Array<string> = []
  let alive = true
  const requests: Requests = new Requests({
    answerMs: 5_000,
    quietMs: 5_000,
    responseLimit: 1_000,
    noise: NO_NOISE,
    at: (birth) => (birth === 1 && alive ? splitAddress(server.address) : null),
    kill: (why) => {
      killed.push(why)
      alive = false
      requests.gone(1)
    },
    ...more,
  })
  const run = (request: string, client = "c"): Promise<Outcome> =>
    new Promise((resolve) => requests.run(1, client, Buffer.from(request, "latin1"), resolve))
  const replay = (
    steps: ReadonlyArray<RequestEntry>,
    fresh = false,
    client = "c",
    mayRest = (): boolean => false,
  ): Promise<readonly [applied: number, difference: Difference | null]> =>
    new Promise((resolve) =>
      requests.replay(1, client, fresh, steps, mayRest, (applied, difference) =>
        resolve([applied, difference]),
      ),
    )
  return { requests, run, replay, killed, [Symbol.dispose]: () => requests.close() }
}

const get = (path = "/x", ...fields: ReadonlyArray<string>): string =>
  [`GET ${path} HTTP/1.1`, "Host: shop", ...fields, "", ""].join("\r\n")
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
const said = (outcome: Outcome): string => Buffer.from(outcome.response).toString("latin1")

/** Answers with `text` and closes. */
const closing =
  (text: string | Buffer) =>
  ({ socket }: RawConnection): void => {
    socket.on("data", () => socket.end(text, "latin1"))
  }

describe("an answer is", () => {
  test.each<[string, string, string, string]>([
    ["as it came", get(), OK, OK],
    [
      "without what concerns the connection, or is ours",
      get(),
      "HTTP/1.1 201 Made\r\nConnection: keep-alive, x-own\r\nX-Own: 1\r\nKeep-Alive: timeout=9\r\nRingstead-Status: x\r\nX: y\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.1 201 Made\r\nX: y\r\nContent-Length: 2\r\n\r\nok",
    ],
    [
      "put together of chunks, its trailer dropped",
      get(),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nT: 1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd",
    ],
    [
      "the last, after interim ones",
      get(),
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`,
      OK,
    ],
    [
      "without a body for HEAD, whatever length it names",
      get().replace("GET", "HEAD"),
      "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n",
    ],
    ["without a body at 204", get(), "HTTP/1.1 204 None\r\n\r\n", "HTTP/1.1 204 None\r\n\r\n"],
    [
      "without a body at 304",
      get(),
      "HTTP/1.1 304 Same\r\nContent-Length: 7\r\nETag: x\r\n\r\n",
      "HTTP/1.1 304 Same\r\nContent-Length: 7\r\nETag: x\r\n\r\n",
    ],
    [
      "just as large as the limit",
      get(),
      `HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${"x".repeat(1000)}`,
      `HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${"x".repeat(1000)}`,
    ],
  ])("%s", async (_, request, response, expected) => {
    await using service = await rawServer(answering(() => response))
    using at = setUp(service)
    const outcomes = [await at.run(request), await at.run(request)]
    expect(outcomes.map(({ type }) => type)).toEqual(["answered", "answered"])
    expect(outcomes.map(said)).toEqual([expected, expected])
    expect(service.connections).toHaveLength(1)
  })

  test.each([
    ["HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it"],
    ["HTTP/1.0 200 OK\r\n\r\nall of it"],
  ])("all that comes until the connection is closed by a service that lives: %j", async (response) => {
    await using service = await rawServer(closing(response))
    using at = setUp(service)
    for (let i = 0; i < 2; i++) {
      const outcome = await at.run(get())
      expect([outcome.type, said(outcome)]).toEqual([
        "answered",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nall of it",
      ])
    }
    // Besides these there are those that only ask whether it lives.
    expect(service.connections.filter((one) => one.received() !== "")).toHaveLength(2)
  })
})

test("the service gets the request as it is, without what concerned the connection, in time for its body", async () => {
  await using service = await rawServer(answering(() => OK))
  using at = setUp(service)
  await at.run(
    "POST /a?b HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nConnection: close\r\nTE: trailers\r\nContent-Length: 3\r\nCookie: a=b\r\n\r\n\xe9\0z",
  )
  expect(service.connections[0]?.received()).toBe(
    "POST /a?b HTTP/1.1\r\nHost: shop\r\nCookie: a=b\r\nContent-Length: 3\r\n\r\n\xe9\0z",
  )
})

describe("an answer that cannot be journaled", () => {
  test.each([
    [
      "too large by a byte",
      "Content-Length: 1001\r\n\r\n",
      502,
      "1001 bytes is larger than the limit of 1000 bytes",
    ],
    [
      "too large in chunks",
      `Transfer-Encoding: chunked\r\n\r\n3e9\r\n${"x".repeat(1001)}\r\n0\r\n\r\n`,
      502,
      "larger than the limit of 1000 bytes",
    ],
    ["too large until it closes", `\r\n${"x".repeat(1001)}`, 502, "larger than the limit of 1000 bytes"],
    ["events", "Content-Type: text/event-stream; charset=utf-8\r\n\r\n", 501, "it is a text/event-stream"],
    ["left open", "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", 501, "nothing of it came for 80 ms"],
  ])("%s", async (_, rest, status, reason) => {
    await using service = await rawServer(answering(() => `HTTP/1.1 200 OK\r\n${rest}`))
    using at = setUp(service, { quietMs: 80 })
    const outcome = await at.run(get())
    expect([outcome.type, said(outcome).slice(9, 12)]).toEqual(["unjournaled", String(status)])
    expect(said(outcome)).toContain(reason)
    expect(said(outcome)).toMatch(/\r\nRingstead-Status: service-(too-large|streams)\r\n\r\n[^\n]+\n$/)
    await until("the connection is cut", () => service.connections[0]?.closed() || undefined)
    expect(at.killed).toEqual([])
  })

  test("one that goes on and on", async () => {
    const timers = new Set<NodeJS.Timeout>()
    await using service = await rawServer(({ socket }) => {
      socket.on("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        timers.add(setInterval(() => socket.write("1\r\nx\r\n"), 10))
      })
    })
    using at = setUp(service, { answerMs: 200 })
    expect(said(await at.run(get()))).toContain("it was not over in 200 ms")
    for (const timer of timers) clearInterval(timer)
  })

  test("no HTTP, and a switch of protocols that nobody asked for", async () => {
    for (const text of ["hello\r\n\r\n", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"]) {
      await using service = await rawServer(answering(() => text))
      using at = setUp(service)
      const outcome = await at.run(get())
      expect([outcome.type, said(outcome).slice(9, 12)]).toEqual(["unjournaled", "502"])
    }
  })

  test("cut off by a service that lives: it is not killed, and not asked again", async () => {
    let asked = 0
    for (const beginning of ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"]) {
      await using service = await rawServer(({ socket }) => {
        socket.once("data", () => {
          socket.write(OK)
          // The second one meets a connection that was used before, where a proxy would try again.
          socket.once("data", () => {
            asked++
            socket.end(beginning)
          })
        })
      })
      using at = setUp(service)
      expect((await at.run(get())).type).toBe("answered")
      const outcome = await at.run(get())
      expect([outcome.type, said(outcome).slice(9, 12)]).toEqual(["unjournaled", "502"])
      expect(at.killed).toEqual([])
    }
    expect(asked).toBe(2)
  })

  test("an upgrade that was asked for", async () => {
    await using service = await rawServer()
    using at = setUp(service)
    const outcome = await at.run(get("/x", "Connection: upgrade", "Upgrade: websocket"))
    expect([outcome.type, said(outcome).slice(9, 12)]).toEqual(["unjournaled", "501"])
  })

  test("an answer of ours to HEAD has no body", async () => {
    await using service = await rawServer(answering(() => "hello\r\n\r\n"))
    using at = setUp(service)
    expect(said(await at.run(get().replace("GET", "HEAD")))).toMatch(/\r\n\r\n$/)
  })
})

test("no answer in time: hung, and the birth is killed with all else that runs on it", async () => {
  await using service = await rawServer()
  using at = setUp(service, { answerMs: 100 })
  const ends: Array<string> = []
  const first = at
    .run(get(), "a")
    .then((outcome) => ends.push(`${outcome.type} ${said(outcome).slice(9, 12)}`))
  await until("it has the first", () => service.connections[0]?.received() || undefined)
  await new Promise((resolve) => setTimeout(resolve, 60))
  const second = at
    .run(get(), "b")
    .then((outcome) => ends.push(`${outcome.type} ${said(outcome).slice(9, 12)}`))
  await Promise.all([first, second])
  expect(ends).toEqual(["hung 504", "died 502"])
  expect(at.killed).toEqual(["it gave no answer in 100 ms"])
  expect((await at.run(get())).type).toBe("died")
})

describe("the service dies", () => {
  test("before, within or at what might be the end of its answer", async () => {
    for (const beginning of [
      "",
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\n\r\nabc",
    ]) {
      const service = await rawServer()
      using at = setUp(service)
      const running = at.run(get())
      await until("it has the request", () => service.connections[0]?.received() || undefined)
      const { socket } = service.connections[0] ?? {}
      await new Promise((resolve) => socket?.write(beginning, resolve))
      socket?.end()
      await service[Symbol.asyncDispose]()
      const outcome = await running
      expect([outcome.type, said(outcome).slice(9, 12)]).toEqual(["died", "502"])
      expect(at.killed).toEqual(["it accepts no connection any more"])
    }
  })

  test("and refuses connections", async () => {
    const service = await rawServer()
    await service[Symbol.asyncDispose]()
    using at = setUp(service)
    expect((await at.run(get())).type).toBe("died")
  })

  test("or only seems to: what was not sent is sent again, until its time is over", async () => {
    const gone = await rawServer()
    await gone[Symbol.asyncDispose]()
    await using service = await rawServer(answering(() => OK))
    let asked = 0
    // Each sending asks where to, and then twice whether it lives there.
    const at = () => splitAddress(++asked === 1 ? gone.address : service.address)
    using soon = setUp(service, { at })
    expect((await soon.run(get())).type).toBe("answered")
    const never = () => splitAddress(++asked % 3 === 1 ? gone.address : service.address)
    asked = 0
    using late = setUp(service, { at: never, answerMs: 150 })
    expect((await late.run(get())).type).toBe("hung")
    expect(late.killed).toHaveLength(1)
  })

  test("and is said to: nothing is waited for", async () => {
    await using service = await rawServer()
    using at = setUp(service)
    const running = [at.run(get(), "a"), at.run(get(), "b")]
    await until("it has both", () => service.connections.length === 2 || undefined)
    at.requests.gone(1)
    expect((await Promise.all(running)).map(({ type }) => type)).toEqual(["died", "died"])
    expect(at.requests.inFlight()).toBe(0)
  })
})

test("no callback comes before the call has returned", async () => {
  await using service = await rawServer()
  using at = setUp(service)
  let returned = false
  const ends: Array<boolean> = []
  await new Promise<void>((resolve) => {
    const done = (): void => {
      if (ends.push(returned) === 3) resolve()
    }
    at.requests.run(2, "c", Buffer.from(get()), done)
    at.requests.run(1, "c", Buffer.from("no request"), done)
    at.requests.replay(1, "c", false, [], () => false, done)
    returned = true
  })
  expect(ends).toEqual([true, true, true])
})

test("clients run side by side", async () => {
  await using service = await rawServer()
  using at = setUp(service)
  const running = Array.from({ length: 50 }, (_, i) => at.run(get(), `c${i}`))
  await until(
    "all are there",
    () => service.connections.filter((one) => one.received() !== "").length === 50 || undefined,
  )
  for (const { socket } of service.connections) socket.write(OK)
  expect(new Set((await Promise.all(running)).map(said))).toEqual(new Set([OK]))
})

const entry = (response: string | Buffer, replay: Replay = "compare", request = get()): RequestEntry => ({
  type: "request",
  client: "c",
  id: "1",
  at: 0,
  replay,
  request: Buffer.from(request, "latin1"),
  response: typeof response === "string" ? Buffer.from(response, "latin1") : response,
})
const json = (body: string, ...fields: ReadonlyArray<string>): string =>
  ["HTTP/1.1 200 OK", ...fields, `Content-Length: ${body.length}`, "", body].join("\r\n")

describe("replay", () => {
  test("pauses between two steps for as long as it is told that it may, and never for long", async () => {
    await using service = await rawServer(answering(() => OK))
    using at = setUp(service)
    using timers = vi.spyOn(globalThis, "setTimeout")
    const leave = [true, true, false, true, true]
    const steps = Array.from({ length: 5 }, (_, i) => entry(OK, "compare", get(`/${i}`)))
    expect(await at.replay(steps, false, "c", () => leave.shift() ?? false)).toEqual([5, null])
    expect(leave).toEqual([true])
    const pauses = (timers.mock.calls as ReadonlyArray<ReadonlyArray<unknown>>).filter(
      ([, , next]) => typeof next === "number",
    )
    expect(pauses.map(([, , next]) => next)).toEqual([1, 2, 4])
    for (const [, ms] of pauses) expect(ms).toBeGreaterThan(0)
    expect([3, 20, 500].map(restAfter)).toEqual([3, 20, 20])
  })

  test("is announced, in order, without what is to be skipped, and what is only to be run may end anyhow", async () => {
    await using service = await rawServer(
      answering((head) => (head.includes("/any") ? "rubbish\r\n\r\n" : OK)),
    )
    using at = setUp(service)
    const steps = [
      entry("HTTP/1.1 504 X\r\nContent-Length: 0\r\n\r\n", "skip", get("/skip")),
      entry(OK, "compare", get("/1")),
      entry("HTTP/1.1 502 X\r\nContent-Length: 0\r\n\r\n", "run", get("/any")),
      entry(OK, "compare", get("/2")),
      entry(OK, "skip", get("/skip")),
    ]
    expect(await at.replay(steps)).toEqual([5, null])
    const received = service.connections.map((one) => one.received()).join("")
    expect(received).toBe(
      ["/1", "/any", "/2"]
        .map((path) => `GET ${path} HTTP/1.1\r\nHost: shop\r\nRingstead-Replay: 1\r\n\r\n`)
        .join(""),
    )
  })

  test("stops at the first difference and counts what showed it", async () => {
    await using service = await rawServer(answering((_, i) => json(`{"pid":${i}}`)))
    using at = setUp(service)
    const steps = [0, 7, 2].map((pid) => entry(json(`{"pid":${pid}}`)))
    expect(await at.replay(steps)).toEqual([
      2,
      { where: "/pid", journaled: "7", replayed: "1", flag: "--ignore /pid" },
    ])
    const noise = parseNoise(["/pid"])
    if ("problem" in noise) throw new Error(noise.problem)
    using tolerant = setUp(service, { noise })
    expect(await tolerant.replay(steps)).toEqual([3, null])
  })

  test("an answer that can no longer be kept is a difference", async () => {
    await using service = await rawServer(answering(() => json("x".repeat(1001))))
    using at = setUp(service)
    expect(await at.replay([entry(OK)])).toMatchObject([1, { where: "status", journaled: "200", flag: null }])
  })

  test.each<[string, (text: string) => Buffer]>([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["deflate", deflateRawSync],
    ["br", brotliCompressSync],
    ["x-gzip", gzipSync],
  ])("compares what was coded by %s", async (coding, code) => {
    const coded = (text: string): Buffer => {
      const body = code(text)
      return Buffer.concat([
        Buffer.from(
          `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`,
        ),
        body,
      ])
    }
    await using service = await rawServer(answering(() => coded("hello pid 7").toString("latin1")))
    using at = setUp(service)
    expect(
      await at.replay([entry(coded("hello pid 7")), entry(json("hello pid 7")), entry(coded("hello pid 8"))]),
    ).toEqual([
      3,
      { where: "line 1", journaled: "hello pid 8", replayed: "hello pid 7", flag: "--ignore 'pid [0-9]+'" },
    ])
  })

  test("the client's cookies lead to the instance's, in replays and after; another client's and a fresh one's do not", async () => {
    let given = 0
    await using service = await rawServer(
      answering((head) =>
        head.includes("Cookie") ? OK : json("hi", `Set-Cookie: sid=own${++given}; Path=/`),
      ),
    )
    using at = setUp(service)
    const hello = entry(json("hi", "Set-Cookie: sid=first; Path=/"))
    const again = entry(OK, "compare", get("/x", "Cookie: sid=first"))
    const cookies = (): ReadonlyArray<string> =>
      [...(service.connections[0]?.received() ?? "").matchAll(/Cookie: (.*)\r\n/g)].map(
        (match) => match[1] ?? "",
      )
    expect(await at.replay([hello, again])).toEqual([2, null])
    await at.run(get("/x", "Cookie: sid=first; b=1", "Cookie: sid=first"))
    await at.run(get("/x", "Cookie: sid=first"), "other")
    expect(cookies()).toEqual(["sid=own1", "sid=own1; b=1", "sid=own1", "sid=first"])
    expect(await at.replay([hello, again], true)).toEqual([2, null])
    at.requests.forget("c")
    await at.run(get("/x", "Cookie: sid=first"))
    expect(cookies().slice(4)).toEqual(["sid=own2", "sid=first"])
  })

  test("a cookie that the instance sets again is the client's own to the client", async () => {
    await using service = await rawServer(
      answering(() => json("hi", "Set-Cookie: sid=own; HttpOnly", "Set-Cookie: b=1")),
    )
    using at = setUp(service)
    await at.replay([entry(json("hi", "Set-Cookie: sid=first; HttpOnly", "Set-Cookie: b=1"))])
    expect(said(await at.run(get()))).toBe(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: sid=first; HttpOnly\r\nSet-Cookie: b=1\r\n\r\nhi",
    )
  })

  test("an instance that dies or hangs within it has run what it answered", async () => {
    await using service = await rawServer(answering((_, i) => (i === 0 ? OK : "")))
    using at = setUp(service, { answerMs: 80 })
    expect(await at.replay([entry(OK), entry(OK), entry(OK)])).toEqual([1, null])
    expect(at.killed).toHaveLength(1)
    expect(await at.replay([entry(OK)])).toEqual([0, null])
  })

  test("ten thousand entries to be skipped are", async () => {
    await using service = await rawServer()
    using at = setUp(service)
    expect(await at.replay(Array.from({ length: 10_000 }, () => entry(OK, "skip")))).toEqual([10_000, null])
  })
})
