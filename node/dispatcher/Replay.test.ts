import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Leader } from "../ingress/PeerHeaders.ts"
import {
  answers,
  ask,
  CELLS,
  dispatch,
  FakeRing,
  misdirected,
  named,
  OK,
  okOf,
} from "../testing/Dispatching.ts"
import {
  answering,
  rawConnection,
  type RawConnection,
  rawServer,
  statuses,
  talk,
} from "../testing/RawHttp.ts"
import { until } from "../testing/Until.ts"

/** What the dispatcher does in the mode replay; in the mode stateless: DispatchExchange.test.ts. */

const seed = 20_261_122
const replay = (ring: FakeRing, options: Parameters<typeof dispatch>[1] = {}) =>
  dispatch(ring, { mode: "replay", ...options })

/** The ids of the requests that a server has had, in order. */
const idsAt = (server: { readonly connections: ReadonlyArray<RawConnection> }): ReadonlyArray<string> =>
  server.connections
    .map((one) => one.received())
    .flatMap((text) => [...text.matchAll(/\r\nRingstead-Request: (.*)\r\n/g)].map(([, id]) => id ?? ""))

const refused = (code: string, status = 503): string =>
  `HTTP/1.1 ${status} x\r\nRingstead-Peer: p\r\nRingstead-Status: ${code}\r\nContent-Length: 3\r\n\r\nno\n`

const METHODS = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST", "PATCH"] as const

describe("an id", () => {
  test("is a request's own, and one origin's", async () => {
    await using peer = await rawServer(answers(OK))
    const ring = new FakeRing().give(named("p", peer))
    await using first = await replay(ring)
    await using second = await replay(ring)
    for (let n = 0; n < 20; n++) {
      for (const { value } of [first, second]) await talk(value.address, ask("POST", `c${n % 3}`))
    }
    const ids = idsAt(peer)
    expect(new Set(ids).size).toBe(40)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}-[0-9]+$/)
    expect(new Set(ids.map((id) => id.split("-")[0])).size).toBe(2)
  })

  test("is the client's own key, if it brings one", async () => {
    await using peer = await rawServer(answers(OK))
    const ring = new FakeRing().give(named("p", peer))
    await using first = await replay(ring)
    await using second = await replay(ring)
    for (const { value } of [first, second]) {
      await talk(value.address, ask("POST", "a", 'Idempotency-Key: "a b"'))
    }
    expect(idsAt(peer)).toEqual(["key:a%20b", "key:a%20b"])
    expect(peer.connections[0]?.received()).toContain('\r\nIdempotency-Key: "a b"\r\n')
  })

  test.each([
    ["two keys", ["Idempotency-Key: a", "Idempotency-Key: b"]],
    ["an empty key", ["Idempotency-Key:"]],
    ["too long a key", [`Idempotency-Key: ${"x".repeat(201)}`]],
  ])("%s: 400, and no peer hears of it", async (_, fields) => {
    await using peer = await rawServer(answers(OK))
    await using dispatcher = await replay(new FakeRing().give(named("p", peer)))
    const answer = await talk(dispatcher.value.address, ask("POST", "a", ...fields))
    expect(statuses(answer)).toEqual([400])
    expect(answer).toContain("\r\nRingstead-Status: idempotency-key\r\n")
    expect(peer.connections).toHaveLength(0)
  })

  test("cannot be forged by a client", async () => {
    await using peer = await rawServer(answers(OK))
    await using dispatcher = await replay(new FakeRing().give(named("p", peer)))
    await talk(dispatcher.value.address, ask("GET", "a", "Ringstead-Request: key:mine"))
    expect(idsAt(peer)).toEqual([expect.stringMatching(/^[0-9a-f]{32}-0$/)])
  })

  test("is unknown in the mode stateless, where a key is the service's business", async () => {
    await using peer = await rawServer(answers(OK))
    await using dispatcher = await dispatch(new FakeRing().give(named("p", peer)))
    const answer = await talk(dispatcher.value.address, ask("GET", "a", "Idempotency-Key:"))
    expect(statuses(answer)).toEqual([200])
    expect(idsAt(peer)).toEqual([])
  })
})

/** One way in which an attempt at a peer can go wrong. */
type Mishap = "reset" | "half" | "elsewhere" | "unknown" | "no-instance" | "stranger"

const play = (mishap: Mishap | undefined, self: string, other: Leader, { socket }: RawConnection): void => {
  switch (mishap) {
    case undefined:
      return void socket.write(okOf(self))
    case "reset":
      return void socket.resetAndDestroy()
    case "half":
      return void socket.end(okOf(self).slice(0, 30))
    case "elsewhere":
      return void socket.write(misdirected(other))
    case "unknown":
      return void socket.write(misdirected())
    case "no-instance":
      return void socket.write(refused("no-instance"))
    case "stranger":
      return void socket.write(okOf("somebody"))
  }
}

test("whatever goes wrong, every method is tried again with the same id until it is answered", async () => {
  const script: Array<Mishap> = []
  const places: Array<Leader> = []
  const peer = (index: number) => (connection: RawConnection) => {
    connection.socket.on("data", () => {
      const [self, other] = [places[index], places[1 - index]]
      if (self !== undefined && other !== undefined) play(script.shift(), self.name, other, connection)
    })
  }
  await using a = await rawServer(peer(0))
  await using b = await rawServer(peer(1))
  places.push(named("a", a), named("b", b))
  await using dispatcher = await replay(new FakeRing().give(named("a", a)))
  const mishap = fc.constantFrom<Mishap>("reset", "half", "elsewhere", "unknown", "no-instance", "stranger")
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...METHODS),
      fc.array(mishap, { maxLength: 4 }),
      async (method, mishaps) => {
        script.splice(0, script.length, ...mishaps)
        const answer = await talk(dispatcher.value.address, ask(method))
        expect(statuses(answer)).toEqual([200])
        const numbers = [...idsAt(a), ...idsAt(b)].map((id) => Number(id.split("-")[1]))
        const latest = Math.max(...numbers)
        expect(numbers.filter((number) => number === latest)).toHaveLength(mishaps.length + 1)
        expect(script).toHaveLength(0)
      },
    ),
    { seed, numRuns: 15 },
  )
}, 15_000)

describe("a peer that dies", () => {
  test.each(METHODS)("with a %s in its hands: its successor gets it, by the same id", async (method) => {
    await using second = await rawServer(answers(okOf("second")))
    const ring = new FakeRing()
    await using first = await rawServer(({ socket }) => {
      socket.once("data", () => {
        ring.give(named("second", second))
        socket.resetAndDestroy()
      })
    })
    ring.give(named("first", first))
    await using dispatcher = await replay(ring)
    expect(statuses(await talk(dispatcher.value.address, ask(method)))).toEqual([200])
    expect(idsAt(first)).toHaveLength(1)
    expect(idsAt(second)).toEqual(idsAt(first))
  })

  test("with all its ring: what it may have executed is asked for again when the ring is back", async () => {
    await using second = await rawServer(answers(okOf("second")))
    const ring = new FakeRing()
    await using first = await rawServer(({ socket }) => {
      socket.once("data", () => {
        ring.up = false
        socket.resetAndDestroy()
      })
    })
    ring.give(named("first", first))
    await using dispatcher = await replay(ring)
    const answer = talk(dispatcher.value.address, ask("POST"))
    await until("it waits", () => (ring.asked > 2 ? true : undefined))
    ring.give(named("second", second)).up = true
    expect(statuses(await answer)).toEqual([200])
    expect(idsAt(second)).toEqual(idsAt(first))
  })

  test("in the middle of an answer as large as there is: nothing of the half is seen", async () => {
    const body = Buffer.alloc(1_000_000, "x").toString()
    const whole = (name: string) =>
      `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nRingstead-Peer: ${name}\r\n\r\n${body}`
    await using second = await rawServer(answers(whole("second")))
    const ring = new FakeRing()
    await using first = await rawServer()
    ring.give(named("first", first))
    await using dispatcher = await replay(ring)
    const answer = talk(dispatcher.value.address, ask("POST"))
    const { socket } = await until("the request", () => first.connections[0])
    socket.write(whole("first").slice(0, 900_000))
    await until("it is under way", () => (socket.writableLength === 0 ? true : undefined))
    ring.give(named("second", second))
    socket.end()
    expect((await answer).split("\r\n\r\n")[1]).toBe(body)
  })

  test("between two requests of a kept connection: it may have had the second, and the client is not told otherwise", async () => {
    let asked = 0
    const peer = await rawServer((connection) => {
      connection.socket.on("data", () => {
        if (++asked === 1) return void connection.socket.write(OK)
        void peer[Symbol.asyncDispose]()
      })
    })
    await using dispatcher = await replay(new FakeRing().give(named("p", peer)), { deadlineMs: 300 })
    await talk(dispatcher.value.address, ask("POST"))
    const answer = await talk(dispatcher.value.address, ask("POST"))
    expect(statuses(answer)).toEqual([504])
    expect(answer).toContain("may or may not have been executed")
  })
})

describe("a peer that falls silent", () => {
  test("and loses its cells: a POST goes to the new leader by the same id", async () => {
    await using second = await rawServer(answers(okOf("second")))
    await using first = await rawServer()
    const ring = new FakeRing().give(named("first", first))
    await using dispatcher = await replay(ring)
    const answer = talk(dispatcher.value.address, ask("POST"))
    await until("the request", () => (idsAt(first).length === 1 ? true : undefined))
    ring.give(named("second", second))
    expect(statuses(await answer)).toEqual([200])
    expect(idsAt(second)).toEqual(idsAt(first))
    // Every other client of it goes to the new leader at once.
    expect(statuses(await talk(dispatcher.value.address, ask("POST", "bob")))).toEqual([200])
    expect(idsAt(first)).toHaveLength(1)
  })

  test("though it leads a cell that the ring gives to another: the other says so, and the request is there again", async () => {
    const ring = new FakeRing()
    const places: Array<Leader> = []
    await using owner = await rawServer(answering(() => misdirected(places[0])))
    await using slow = await rawServer()
    places.push(named("slow", slow))
    ring.give(named("owner", owner))
    await using dispatcher = await replay(ring)
    const answer = talk(dispatcher.value.address, ask("POST"))
    const again = await until("it comes back", () => slow.connections[1])
    await again.until("whole", (text) => text.endsWith("\r\n\r\n"))
    again.socket.write(okOf("slow"))
    expect(statuses(await answer)).toEqual([200])
    expect(new Set([...idsAt(slow), ...idsAt(owner)]).size).toBe(1)
  })

  test("for longer than a request may take: 504", async () => {
    await using peer = await rawServer()
    await using dispatcher = await replay(new FakeRing().give(named("p", peer)), { deadlineMs: 100 })
    const answer = await talk(dispatcher.value.address, ask("POST"))
    expect(statuses(answer)).toEqual([504])
    expect(answer).toMatch(/\r\n\r\nno answer within 100 ms; the request may or may not have been executed/)
  })
})

/** Two peers of which each says what `says` makes of both; the ring names the first. */
const around = async (says: (self: Leader, other: Leader) => string) => {
  const places: Array<Leader> = []
  let attempts = 0
  const peer = (index: number) =>
    answering(() => {
      attempts++
      const [self, other] = [places[index], places[1 - index]]
      return self === undefined || other === undefined ? "" : says(self, other)
    })
  await using a = await rawServer(peer(0))
  await using b = await rawServer(peer(1))
  places.push(named("a", a), named("b", b))
  await using dispatcher = await replay(new FakeRing().give(named("a", a)), { deadlineMs: 350 })
  const answer = await talk(dispatcher.value.address, ask("POST"))
  return { answer, attempts }
}

describe("peers that send a request around", () => {
  test.each<readonly [string, (self: Leader, other: Leader) => string]>([
    ["to one another", (_, other) => misdirected(other)],
    ["to themselves", (self) => misdirected(self)],
    ["to nobody", () => misdirected()],
    ["to one that is dead", () => misdirected({ name: "dead", http: "127.0.0.1:1" })],
  ])("%s: a clear 503 at the deadline, after few attempts", async (_, says) => {
    const { answer, attempts } = await around(says)
    expect(statuses(answer)).toEqual([503])
    expect(answer).toContain("\r\nRingstead-Status: no-leader\r\n")
    expect(answer).toContain("\r\nRetry-After: 1\r\n")
    expect(answer).toMatch(/within 350 ms; the request was not executed; try again\n$/)
    // Three at the most for each of the pauses of 25, 50, 100, 100, ... ms.
    expect(attempts).toBeLessThanOrEqual(3 * 6)
  })
})

test("where a peer took the request before it lost its leadership, nobody says that it was not executed", async () => {
  const { answer } = await around((_, other) => misdirected(other, "leader-no-more"))
  expect(statuses(answer)).toEqual([504])
  expect(answer).toContain("the request may or may not have been executed")
})

describe("what a peer says is the client's at once", () => {
  test.each([
    ["no-majority", 503],
    ["diverged", 503],
    ["session-full", 507],
    ["overloaded", 503],
    ["body-too-large", 413],
  ])("%s", async (code, status) => {
    await using peer = await rawServer(answers(refused(code, status)))
    await using dispatcher = await replay(new FakeRing().give(named("p", peer)))
    const answer = await talk(dispatcher.value.address, ask("POST"))
    expect(statuses(answer)).toEqual([status])
    expect(answer).toContain(`\r\nRingstead-Status: ${code}\r\n`)
    expect(idsAt(peer)).toHaveLength(1)
  })

  test("no instance until the deadline: 503 that says so", async () => {
    await using peer = await rawServer(answers(refused("no-instance")))
    await using dispatcher = await replay(new FakeRing().give(named("p", peer)), { deadlineMs: 300 })
    const answer = await talk(dispatcher.value.address, ask("POST"))
    expect(statuses(answer)).toEqual([503])
    expect(answer).toContain("\r\nRingstead-Status: no-instance\r\n")
    expect(idsAt(peer).length).toBeGreaterThan(1)
    expect(idsAt(peer).length).toBeLessThan(10)
  })
})

describe("somebody else at a peer's address", () => {
  test("another peer: its answer is none, and the cache is corrected", async () => {
    await using other = await rawServer(answers(okOf("other")))
    await using right = await rawServer(answers(okOf("p")))
    const ring = new FakeRing().give(named("p", other))
    await using dispatcher = await replay(ring)
    const answer = talk(dispatcher.value.address, ask("POST"))
    await until("the stranger was asked", () => (idsAt(other).length > 0 ? true : undefined))
    ring.give(named("p", right))
    expect(await answer).toContain("\r\nRingstead-Peer: p\r\n")
    const before = idsAt(other).length
    await talk(dispatcher.value.address, ask("POST"))
    expect(idsAt(other)).toHaveLength(before)
  })

  test.each(["", "Ringstead-Peer: other\r\n"])(
    "until the deadline: 502 that names the address (%j)",
    async (line) => {
      await using other = await rawServer(answers(`HTTP/1.1 200 OK\r\n${line}Content-Length: 2\r\n\r\nno`))
      await using dispatcher = await replay(new FakeRing().give(named("p", other)), { deadlineMs: 200 })
      const answer = await talk(dispatcher.value.address, ask("POST"))
      expect(statuses(answer)).toEqual([502])
      expect(answer).toContain(`\r\nRingstead-Status: wrong-peer\r\n`)
      expect(answer).toContain(`(p at ${other.address})`)
    },
  )
})

test("a hundred clients of a dead peer wait without a storm, and all are served when there is a new leader", async () => {
  const gone = await rawServer()
  await gone[Symbol.asyncDispose]()
  await using second = await rawServer(answers(okOf("second")))
  const ring = new FakeRing().give(named("gone", gone))
  await using dispatcher = await replay(ring)
  const clients = Array.from({ length: 100 }, (_, i) => talk(dispatcher.value.address, ask("POST", `c${i}`)))
  await until("all wait", () => (dispatcher.value.inFlight() === 100 ? true : undefined))
  const before = ring.asked
  await until("some pauses", () => (ring.asked > before + 4 * CELLS ? true : undefined))
  ring.give(named("second", second))
  for (const answer of clients) expect(statuses(await answer)).toEqual([200])
  expect(new Set(idsAt(second)).size).toBe(100)
  expect(idsAt(second)).toHaveLength(100)
})

test("a client that is gone is not tried for again", async () => {
  await using peer = await rawServer()
  await using dispatcher = await replay(new FakeRing().give(named("p", peer)))
  const client = await rawConnection(dispatcher.value.address)
  await client.write(ask("POST"))
  await until("the request", () => (idsAt(peer).length === 1 ? true : undefined))
  client.socket.resetAndDestroy()
  await until("the client is gone", () => (dispatcher.value.clients() === 0 ? true : undefined))
  expect([dispatcher.value.upstreams(), dispatcher.value.inFlight()]).toEqual([0, 0])
})
