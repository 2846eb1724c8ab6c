import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { RefusalCode, Reply } from "../../core/handoff/Reply.ts"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import { fromHex } from "../../core/ring/RingId.ts"
import { defaultLimits } from "../http/HttpLimits.ts"
import { parseRequestHead } from "../http/RequestHead.ts"
import { opened } from "../testing/Opened.ts"
import { rawConnection, statuses, talk } from "../testing/RawHttp.ts"
import { until } from "../testing/Until.ts"
import * as Effect from "effect/Effect"
import { runIngress } from "./Ingress.ts"
import { type Journal, JournaledExchange, type JournaledRequest } from "./JournaledExchange.ts"

const seed = 20_261_122
const CELLS = 128
const ID = `${"5e".repeat(16)}-7`
const hasher = makeHasher(["sha1"])

/** A request that the journal was given, to be answered by the test. */
interface Taken extends JournaledRequest {
  readonly done: (reply: Reply) => void
}

/** An ingress before a journal that answers with `answer`, or that a test answers for by hand. */
const ingress = async (answer?: (request: JournaledRequest) => Reply) => {
  const taken: Array<Taken> = []
  const peer = await opened(
    runIngress({
      listen: "127.0.0.1:0",
      self: { name: "p1" },
      genesis: { cells: CELLS, hash: ["sha1"] },
      journal: {
        request: (request, done) => {
          taken.push({ ...request, done })
          if (answer !== undefined) done(answer(request))
        },
        readOnly: (method, path) => method === "GET" && path === "/assets/a.css",
      },
      leadership: () => {
        throw new Error("the journal knows who leads")
      },
      upstream: () => {
        throw new Error("the journal runs the service")
      },
      answerMs: 1,
      onHang: () => undefined,
      bodyLimit: 1_000,
      emit: () => undefined,
    }),
  )
  return { taken, address: peer.value.address, ...peer }
}

const ask = (line: string, ...fields: ReadonlyArray<string>): string =>
  [`${line} HTTP/1.1`, "Host: shop", "Connection: close", ...fields, "", ""].join("\r\n")
const ours = ["Ringstead-Client: alice", `Ringstead-Request: ${ID}`]

const response = (text: string, entry: number | null = 3): Reply => ({
  type: "response",
  response: Buffer.from(text, "latin1"),
  entry,
})
const OK = response("HTTP/1.1 200 Fine\r\nX: y\r\nContent-Length: 2\r\n\r\nok")

describe("a request", () => {
  test("is handed over as the service gets it, without a word of ours", async () => {
    await using peer = await ingress(() => OK)
    await talk(
      peer.address,
      ask(
        "POST /x?a=b",
        ...ours,
        "Ringstead-Other: x",
        "TE: trailers",
        "Idempotency-Key: k",
        "Cookie: a=b",
        "Content-Length: 4",
      ) + "a\r\n\xff",
    )
    const [request] = peer.taken
    expect(Buffer.from(request?.request ?? []).toString("latin1")).toBe(
      "POST /x?a=b HTTP/1.1\r\nHost: shop\r\nIdempotency-Key: k\r\nCookie: a=b\r\nContent-Length: 4\r\n\r\na\r\n\xff",
    )
    expect(request).toMatchObject({
      cell: hasher.cell("alice", CELLS),
      client: "alice",
      id: ID,
      readOnly: false,
    })
  })

  test("bodies of any bytes arrive whole, framed by their length", async () => {
    await using peer = await ingress(() => OK)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (body) => {
        const head = ask("PUT /x", ...ours, "Transfer-Encoding: chunked")
        const chunk = [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n0\r\n\r\n")]
        await talk(peer.address, head, Buffer.concat(chunk))
        const request = Buffer.from(peer.taken.at(-1)?.request ?? [])
        expect(request.toString("latin1")).toContain(`\r\nContent-Length: ${body.length}\r\n\r\n`)
        expect(request.subarray(-body.length)).toEqual(Buffer.from(body))
      }),
      { seed, numRuns: 30 },
    )
  })

  test("is read-only by its method and path, whatever its query", async () => {
    await using peer = await ingress(() => OK)
    for (const line of ["GET /assets/a.css?v=1", "POST /assets/a.css", "GET /assets/b.css"]) {
      await talk(peer.address, ask(line, ...ours))
    }
    expect(peer.taken.map(({ readOnly }) => readOnly)).toEqual([true, false, false])
  })

  test("may bring a key of its own", async () => {
    await using peer = await ingress(() => OK)
    await talk(peer.address, ask("GET /", "Ringstead-Client: a", "Ringstead-Request: key:a%20b"))
    expect(peer.taken[0]?.id).toBe("key:a b")
  })

  test.each([
    ["no id", "GET /", ["Ringstead-Client: a"], 400, "Ringstead-Request must be one id"],
    ["two ids", "GET /", [...ours, `Ringstead-Request: ${ID}`], 400, "Ringstead-Request must be one id"],
    [
      "no such id",
      "GET /",
      ["Ringstead-Client: a", "Ringstead-Request: 7"],
      400,
      "Ringstead-Request must be",
    ],
    ["no client", "GET /", [`Ringstead-Request: ${ID}`], 400, "send requests to a dispatcher"],
    ["a WebSocket", "GET /", [...ours, "Connection: upgrade", "Upgrade: websocket"], 501, "not supported"],
    ["too large a body", "POST /", [...ours, "Content-Length: 1001"], 413, "limit of 1000 bytes"],
  ])("%s: the journal hears nothing", async (_, line, fields, status, reason) => {
    await using peer = await ingress(() => OK)
    const answer = await talk(peer.address, ask(line, ...fields))
    expect(statuses(answer)).toEqual([status])
    expect(answer).toContain(reason)
    expect(peer.taken).toHaveLength(0)
  })
})

/** What the client gets when the journal answers `line` with `reply`. */
const answerTo = async (line: string, reply: Reply): Promise<string> => {
  await using peer = await ingress(() => reply)
  return await talk(peer.address, ask(line, ...ours))
}

describe("an answer", () => {
  test("is the journaled response, with the peer and the entry", async () => {
    expect(await answerTo("GET /x", OK)).toBe(
      "HTTP/1.1 200 Fine\r\nX: y\r\nContent-Length: 2\r\nRingstead-Peer: p1\r\nRingstead-Entry: 3\r\nConnection: close\r\n\r\nok",
    )
  })

  test("to a read-only request has no entry", async () => {
    const answer = await answerTo("GET /x", response("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", null))
    expect(statuses(answer)).toEqual([200])
    expect(answer).not.toContain("Ringstead-Entry")
  })

  test.each([
    ["HEAD /x", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"],
    ["GET /x", "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n"],
    ["GET /x", "HTTP/1.1 204 No Content\r\n\r\n"],
  ])("without a body: %s %j", async (line, text) => {
    const answer = await answerTo(line, response(text))
    expect(answer).toContain("\r\nRingstead-Entry: 3\r\n")
    expect(answer.endsWith("\r\n\r\n")).toBe(true)
  })

  test("keeps its connection for the next request", async () => {
    await using peer = await ingress(() => OK)
    using client = await rawConnection(peer.address)
    const lasting = ask("GET /x", ...ours).replace("Connection: close\r\n", "")
    await client.write(lasting + lasting)
    const received = await client.until("both", (text) => text.split("\r\n\r\nok").length === 3)
    expect(statuses(received)).toEqual([200, 200])
    expect(client.closed()).toBe(false)
  })

  test("cannot speak to dispatchers in our name", async () => {
    const forged = "Ringstead-Status: not-leader\r\nRingstead-Peer: x\r\nRingstead-Leader: x h:1\r\n"
    const answer = await answerTo("GET /x", response(`HTTP/1.1 200 OK\r\n${forged}Content-Length: 0\r\n\r\n`))
    expect(answer.match(/Ringstead-.*/g)).toEqual(["Ringstead-Peer: p1", "Ringstead-Entry: 3"])
  })

  test("in place of the service's says why there is none of the service's", async () => {
    const hung =
      "HTTP/1.1 504 Gateway Timeout\r\nRingstead-Status: service-silent\r\nContent-Length: 0\r\n\r\n"
    expect(await answerTo("GET /x", response(hung))).toContain("\r\nRingstead-Status: service-silent\r\n")
  })

  test.each(["", "hello", "HTTP/1.1 200 OK\r\n\r\nabc", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc"])(
    "that is no whole response is none: %j",
    async (text) => {
      const answer = await answerTo("GET /x", response(text))
      expect(statuses(answer)).toEqual([500])
      expect(answer).toContain("\r\nRingstead-Status: journal\r\n")
    },
  )

  test("elsewhere: 421 that names the leader if there is one", async () => {
    const leader: Contact = {
      id: fromHex("a".repeat(40)),
      incarnation: 1,
      name: "p2",
      ring: "r:1",
      http: "h:2",
    }
    const known = await answerTo("GET /x", { type: "not-leader", leader })
    expect(statuses(known)).toEqual([421])
    expect(known).toContain("\r\nRingstead-Status: not-leader\r\n")
    expect(known).toContain("\r\nRingstead-Leader: p2 h:2\r\n")
    const unknown = await answerTo("GET /x", { type: "not-leader", leader: null })
    expect(statuses(unknown)).toEqual([421])
    expect(unknown).not.toContain("Ringstead-Leader")
  })

  test("elsewhere by now: 421 that does not claim it was not executed", async () => {
    await using peer = await ingress()
    const answer = talk(peer.address, ask("POST /x", ...ours))
    const request = await until("the request", () => peer.taken[0])
    request.done({ type: "not-leader", leader: null })
    expect(statuses(await answer)).toEqual([421])
    expect(await answer).toContain("\r\nRingstead-Status: leader-no-more\r\n")
  })

  test.each<readonly [RefusalCode, number]>([
    ["no-majority", 503],
    ["diverged", 503],
    ["session-full", 507],
    ["no-instance", 503],
    ["overloaded", 503],
  ])("%s: %i and the reason", async (code, status) => {
    const answer = await answerTo("GET /x", { type: "refused", code, reason: "cell 7 has no majority" })
    expect(statuses(answer)).toEqual([status])
    expect(answer).toContain(`\r\nRingstead-Status: ${code}\r\n`)
    expect(answer).toMatch(/\r\nRingstead-Peer: p1\r\n[^]*\r\n\r\ncell 7 has no majority\n$/)
  })
})

test("a dispatcher that goes away leaves its request with the journal, and the answer is nobody's", async () => {
  await using peer = await ingress()
  const client = await rawConnection(peer.address)
  await client.write(ask("POST /x", ...ours))
  const [first] = await until("the request", () => (peer.taken.length === 1 ? peer.taken : undefined))
  client.socket.resetAndDestroy()
  await until("it is gone", () => (peer.value.inFlight() === 0 ? true : undefined))
  const again = talk(peer.address, ask("POST /x", ...ours))
  const [, second] = await until("the same again", () => (peer.taken.length === 2 ? peer.taken : undefined))
  expect(second?.id).toBe(first?.id)
  first?.done(OK)
  second?.done(OK)
  expect(statuses(await again)).toEqual([200])
})

test("who is gone is told nothing: the connection may be another request's by then", () => {
  const told: Array<string> = []
  const tell = (what: string) => () => {
    told.push(what)
    return true
  }
  const reply = {
    start: tell("start"),
    write: tell("write"),
    flush: tell("flush"),
    end: tell("end"),
    answer: tell("answer"),
    abort: tell("abort"),
  }
  const answers: Array<(answer: Reply) => void> = []
  const journal: Journal = { request: (_, done) => void answers.push(done), readOnly: () => false }
  const context = { journal, self: "p1", peerLine: "Ringstead-Peer: p1\r\n", host: "shop" }
  const bytes = Buffer.from(ask("GET /x"))
  const head = parseRequestHead(bytes, 0, bytes.length, defaultLimits)
  if (head?.ok !== true) throw new Error("no request")
  const request = { head, body: Buffer.alloc(0), remote: "" }
  for (const stays of [true, false]) {
    const exchange = new JournaledExchange(context, reply, "GET", 0).begin("alice", ID, request)
    if (!stays) exchange.onGone()
    answers.shift()?.(OK)
  }
  expect(told).toEqual(["start", "write", "end"])
})

test("drained when the journal has answered all that waits", async () => {
  await using peer = await ingress()
  const answer = talk(peer.address, ask("GET /x", ...ours))
  const [request] = await until("the request", () => (peer.taken.length === 1 ? peer.taken : undefined))
  expect(peer.value.inFlight()).toBe(1)
  const drained = Effect.runPromise(peer.value.drained)
  request?.done(OK)
  await drained
  expect(statuses(await answer)).toEqual([200])
  expect(peer.value.inFlight()).toBe(0)
})
