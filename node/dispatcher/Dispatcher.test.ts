import { once } from "node:events"
import * as http from "node:http"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import { splitAddress } from "../http/HostPort.ts"
import { defaultLimits } from "../http/HttpLimits.ts"
import { runIngress } from "../ingress/Ingress.ts"
import {
  answers,
  ask,
  CELLS,
  dispatch,
  FakeRing,
  firstRequest,
  named,
  OK,
  saying,
} from "../testing/Dispatching.ts"
import { opened } from "../testing/Opened.ts"
import { answering, rawConnection, type RawServer, rawServer, statuses, talk } from "../testing/RawHttp.ts"
import { until } from "../testing/Until.ts"

const seed = 20_260_801
const hash = makeHasher(["sha1"])

test("a client goes to the same peer through every dispatcher, with peers' ingresses in between", async () => {
  await using service1 = await rawServer(answers(saying("one")))
  await using service2 = await rawServer(answers(saying("two")))
  const ring = new FakeRing()
  const peer = (name: string, service: RawServer) =>
    opened(
      runIngress({
        listen: "127.0.0.1:0",
        self: { name },
        genesis: { cells: CELLS, hash: ["sha1"] },
        leadership: (cell) => ({ leads: ring.leaders.get(cell)?.name === name, hint: null }),
        upstream: () => splitAddress(service.address),
        answerMs: 5_000,
        bodyLimit: 100_000,
        onHang: () => undefined,
        emit: () => undefined,
      }),
    )
  await using peer1 = await peer("p1", service1)
  await using peer2 = await peer("p2", service2)
  for (let cell = 0; cell < CELLS; cell++) {
    ring.leaders.set(cell, cell % 3 === 0 ? named("p1", peer1.value) : named("p2", peer2.value))
  }
  await using dispatcher1 = await dispatch(ring)
  await using dispatcher2 = await dispatch(ring)
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[a-z0-9]{1,12}$/), async (client) => {
      const expected = hash.cell(client, CELLS) % 3 === 0 ? ["p1", "one"] : ["p2", "two"]
      for (const { value } of [dispatcher1, dispatcher2]) {
        const answer = await talk(value.address, ask("GET", client))
        expect([/Ringstead-Peer: (.*)\r\n/.exec(answer)?.[1], answer.slice(-3)]).toEqual(expected)
      }
    }),
    { seed, numRuns: 30 },
  )
  // One question a cell and dispatcher, and few connections however many requests.
  expect(ring.asked).toBeLessThanOrEqual(2 * CELLS)
  expect(dispatcher1.value.upstreams()).toBe(2)
})

test("started before any peer it says so at once, and serves as soon as there is one", async () => {
  await using peer = await rawServer(answers(OK))
  const ring = new FakeRing()
  ring.up = false
  await using dispatcher = await dispatch(ring)
  const answer = await talk(dispatcher.value.address, ask())
  expect(statuses(answer)).toEqual([503])
  expect(answer).toContain("\r\nRingstead-Status: no-peer\r\n")
  expect(answer).toContain("no peer of the ring can be reached; start peers")
  ring.up = true
  ring.give(named("p", peer))
  expect(statuses(await talk(dispatcher.value.address, ask()))).toEqual([200])
})

/** A head of as many bytes as one may have. */
const padded = (start: string, end: string): string =>
  `${start}A: ${"a".repeat(defaultLimits.headBytes - start.length - end.length - 5)}\r\n${end}`

test("what passes one hop's limit for heads passes the others: what we add to a head is allowed for", async () => {
  const fields = Array.from({ length: defaultLimits.fields }, (_, i) => `A${i}: x\r\n`)
  const requests = [
    padded(
      "GET /x HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n",
      `X-Client: ${"\xe9".repeat(120)}\r\n\r\n`,
    ),
    `GET /x HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nX-Client: a\r\n${fields.slice(3).join("")}\r\n`,
  ]
  const responses = [
    padded("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", "\r\n"),
    `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${fields.slice(1).join("")}\r\n`,
  ]
  await using service = await rawServer(answering((_, index) => `${responses[index % 2]}ok`))
  await using peer = await opened(
    runIngress({
      listen: "127.0.0.1:0",
      self: { name: "p".repeat(64) },
      genesis: { cells: CELLS, hash: ["sha1"] },
      leadership: () => ({ leads: true, hint: null }),
      upstream: () => splitAddress(service.address),
      answerMs: 5_000,
      bodyLimit: 100_000,
      onHang: () => undefined,
      emit: () => undefined,
    }),
  )
  await using dispatcher = await dispatch(new FakeRing().give(named("p".repeat(64), peer.value)))
  for (const request of requests)
    expect(statuses(await talk(dispatcher.value.address, request))).toEqual([200])
  // The service has had both, none of them twice.
  expect(service.connections.flatMap((one) => one.received().match(/ HTTP\/1.1\r\n/g))).toHaveLength(2)
})

describe("bad input", () => {
  test.each<readonly [string, string, number]>([
    ["an empty client name", ask("GET", ""), 400],
    ["a client name that is too long", ask("GET", "x".repeat(257)), 400],
    ["a client name with a tab", ask("GET", "a\tb"), 400],
    ["a client name with a NUL", ask("GET", "a\0b"), 400],
    ["two client names", ask("GET", "a", "X-Client: b"), 400],
    ["two Hosts", ask("GET", "a", "Host: b"), 400],
    ["a body over the limit", ask("POST", "a", "Content-Length: 100001"), 413],
    ["a WebSocket", ask("GET", "a", "Upgrade: websocket"), 501],
  ])("%s", async (_, request, status) => {
    await using peer = await rawServer(answers(OK))
    await using dispatcher = await dispatch(new FakeRing().give(named("p", peer)))
    const answer = await talk(dispatcher.value.address, request)
    expect(statuses(answer)).toEqual([status])
    expect(answer).toMatch(/\r\nRingstead-Status: [a-z-]+\r\n[^]*\r\n\r\n[\x20-\x7e]+\n$/)
    expect(peer.connections).toHaveLength(0)
  })
})

test("a client without a name is given one when the service begins a session, and keeps its peer with it", async () => {
  let setsCookie = false
  await using peer = await rawServer(
    answering(() => (setsCookie ? OK.replace("\r\n\r\n", "\r\nSet-Cookie: sid=1\r\n\r\n") : OK)),
  )
  await using dispatcher = await dispatch(new FakeRing().give(named("p", peer)), {
    client: [{ kind: "cookie" }],
  })
  expect(await talk(dispatcher.value.address, ask())).not.toContain("Set-Cookie")
  setsCookie = true
  const answer = await talk(dispatcher.value.address, ask())
  const cookie = /Set-Cookie: (ringstead=[^;]*); Path=\/; HttpOnly; SameSite=Lax\r\n/.exec(answer)?.[1] ?? ""
  expect(cookie).not.toBe("")
  expect(await talk(dispatcher.value.address, ask("GET", "x", `Cookie: a=b; ${cookie}`))).not.toContain(
    "ringstead=",
  )
  const seen = peer.connections.flatMap((one) => one.received().match(/Ringstead-Client: .*/g) ?? [])
  expect(seen).toHaveLength(3)
  expect(seen[1]).toBe(seen[2])
  expect(seen[0]).not.toBe(seen[1])
  expect(peer.connections.map((one) => one.received()).join("")).toContain("\r\nCookie: a=b\r\n")
})

test("peers are dialled where the routes say", async () => {
  await using peer = await rawServer(answers(OK))
  const ring = new FakeRing().give({ name: "p", http: "127.0.0.1:1" })
  await using dispatcher = await dispatch(ring, { routes: new Map([["p", peer.address]]) })
  expect(statuses(await talk(dispatcher.value.address, ask()))).toEqual([200])
})

test("more requests than one peer may have wait, and more than may wait are told so", async () => {
  await using peer = await rawServer()
  await using dispatcher = await dispatch(new FakeRing().give(named("p", peer)), {}, { most: 2, waiting: 2 })
  const asked = Array.from({ length: 4 }, () => talk(dispatcher.value.address, ask()))
  await until("all are there", () => (dispatcher.value.inFlight() === 4 ? true : undefined))
  const refused = await talk(dispatcher.value.address, ask())
  expect(statuses(refused)).toEqual([503])
  expect(refused).toContain("\r\nRingstead-Status: overloaded\r\n")
  for (const { socket } of peer.connections) {
    socket.on("data", () => socket.write(OK))
    socket.write(OK)
  }
  for (const answer of asked) expect(statuses(await answer)).toEqual([200])
})

test("a client that is gone takes its request with it, and nothing leaks", async () => {
  await using peer = await rawServer()
  await using dispatcher = await dispatch(new FakeRing().give(named("p", peer)))
  const clients = await Promise.all(Array.from({ length: 10 }, () => rawConnection(dispatcher.value.address)))
  for (const client of clients) await client.write(ask())
  await until("all are at the peer", () => (peer.connections.length === 10 ? true : undefined))
  for (const client of clients) client.socket.resetAndDestroy()
  const { clients: open, upstreams, inFlight } = dispatcher.value
  await until("the clients are gone", () => (open() === 0 ? true : undefined))
  expect([upstreams(), inFlight()]).toEqual([0, 0])
})

test("a large answer flows at the client's pace, and little of it is held in between", async () => {
  const total = 64 * 2 ** 20
  // Other tests in this process may have left some that is not collected yet.
  const heldBefore = process.memoryUsage().arrayBuffers
  let sent = 0
  await using peer = await rawServer(({ socket }) => {
    socket.once("data", () => {
      const piece = Buffer.alloc(2 ** 18, "x")
      const pump = (): void => {
        while (sent < total) {
          sent += piece.length
          if (!socket.write(piece)) return void socket.once("drain", pump)
        }
      }
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\nRingstead-Peer: p\r\n\r\n`)
      pump()
    })
  })
  await using dispatcher = await dispatch(new FakeRing().give(named("p", peer)))
  const { host, port } = splitAddress(dispatcher.value.address)
  const request = http.get({ host, port, headers: { "x-client": "a" }, agent: false })
  const [response] = (await once(request, "response")) as [http.IncomingMessage]
  // The client does not read: what is sent settles at what the kernel's buffers hold.
  let last = -1
  await until("the flow stops", () => {
    const still = sent === last
    last = sent
    return still ? true : undefined
  })
  expect(sent).toBeLessThan(total / 2)
  expect(process.memoryUsage().arrayBuffers - heldBefore).toBeLessThan(total / 2)
  let received = 0
  for await (const piece of response) received += (piece as Buffer).length
  expect(received).toBe(total)
})

test("closing lets a request in flight end", async () => {
  await using peer = await rawServer()
  const dispatcher = await dispatch(new FakeRing().give(named("p", peer)))
  const answer = talk(dispatcher.value.address, ask())
  const { socket } = await firstRequest(peer)
  const closing = dispatcher.close()
  socket.write(OK)
  expect(statuses(await answer)).toEqual([200])
  await closing
  await until("the connection to the peer is closed", () =>
    peer.connections[0]?.closed() === true ? true : undefined,
  )
})

test("a taken port is an error that names the address and the remedy", async () => {
  await using first = await dispatch(new FakeRing())
  await expect(dispatch(new FakeRing(), { listen: first.value.address })).rejects.toMatchObject({
    kind: "environment",
    reason: `cannot listen on ${first.value.address}: another process does; stop it or choose another port`,
  })
})
