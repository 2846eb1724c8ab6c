import { expect, test, describe } from "vitest"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import type { Leadership } from "../../core/peer/Leadership.ts"
import type { ProcessEvent } from "../log/ProcessEvent.ts"
import { opened } from "../testing/Opened.ts"
import { answering, type RawServer, rawConnection, rawServer, statuses, talk } from "../testing/RawHttp.ts"
import { until } from "../testing/Until.ts"
import { splitAddress } from "../http/HostPort.ts"
import * as Effect from "effect/Effect"
import { type IngressOptions, runIngress } from "./Ingress.ts"

const genesis = { cells: 128, hash: ["sha1"] } as const
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

const ingress = (service: RawServer | null, options: Partial<IngressOptions> = {}) =>
  opened(
    runIngress({
      listen: "127.0.0.1:0",
      self: { name: "p1" },
      genesis,
      leadership: () => ({ leads: true, hint: null }),
      upstream: () => (service === null ? null : splitAddress(service.address)),
      answerMs: 5_000,
      instanceMs: 60,
      bodyLimit: 1_000,
      onHang: () => undefined,
      emit: () => undefined,
      ...options,
    }),
  )

const get = (...fields: ReadonlyArray<string>): string =>
  ["GET /x HTTP/1.1", "Host: shop", "Connection: close", ...fields, "", ""].join("\r\n")

test("the service gets the request without a word of ours, the client an answer that names the peer", async () => {
  await using service = await rawServer(
    answering(
      () =>
        "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nRingstead-Status: fake\r\nX: y\r\nConnection: keep-alive\r\n\r\nok",
    ),
  )
  await using peer = await ingress(service)
  const answer = await talk(
    peer.value.address,
    get(
      "Ringstead-Client: c",
      "Ringstead-Other: x",
      "X-Forwarded-For: 1.2.3.4",
      "Cookie: a=b",
      "TE: trailers",
      "Proxy-X: y",
    ),
  )
  expect(service.connections[0]?.received()).toBe(
    "GET /x HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: 1.2.3.4\r\nCookie: a=b\r\n\r\n",
  )
  expect(answer).toBe(
    "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nX: y\r\nRingstead-Peer: p1\r\nConnection: close\r\n\r\nok",
  )
})

describe("who leads", () => {
  const hasher = makeHasher(genesis.hash)

  test("is asked for the cell of the client's name, whatever it is made of", async () => {
    const asked: Array<number> = []
    await using service = await rawServer(answering(() => OK))
    await using peer = await ingress(service, {
      leadership: (cell): Leadership => {
        asked.push(cell)
        return { leads: true, hint: null }
      },
    })
    const names = ["alice", "a b", "\u00e9\u4e16", "x".repeat(256), "50%"]
    for (const name of names)
      await talk(peer.value.address, get(`Ringstead-Client: ${encodeURIComponent(name)}`))
    expect(asked).toEqual(names.map((name) => hasher.cell(name, genesis.cells)))
  })

  test("not this peer: 421 that names the leader, and the service hears nothing", async () => {
    await using service = await rawServer(answering(() => OK))
    const hint = {
      id: "",
      incarnation: 1,
      name: "p2",
      ring: "r:1",
      http: "h:2",
    } as unknown as Leadership["hint"]
    await using peer = await ingress(service, { leadership: () => ({ leads: false, hint }) })
    const answer = await talk(peer.value.address, get("Ringstead-Client: c"))
    expect(statuses(answer)).toEqual([421])
    expect(answer).toContain("\r\nRingstead-Status: not-leader\r\n")
    expect(answer).toContain("\r\nRingstead-Leader: p2 h:2\r\n")
    expect(service.connections).toHaveLength(0)
  })

  test("nobody it knows of: 421 without a name", async () => {
    await using peer = await ingress(null, { leadership: () => ({ leads: false, hint: null }) })
    const answer = await talk(peer.value.address, get("Ringstead-Client: c"))
    expect(statuses(answer)).toEqual([421])
    expect(answer).not.toContain("Ringstead-Leader")
  })
})

test.each([
  ["none", []],
  ["two", ["Ringstead-Client: a", "Ringstead-Client: b"]],
  ["an empty one", ["Ringstead-Client:"]],
  ["a broken encoding", ["Ringstead-Client: %zz"]],
  ["a control byte", ["Ringstead-Client: a%0ab"]],
  ["too long a one", [`Ringstead-Client: ${"x".repeat(257)}`]],
])("a client name: %s", async (_, fields) => {
  await using peer = await ingress(null)
  const answer = await talk(peer.value.address, get(...fields))
  expect(statuses(answer)).toEqual([400])
  expect(answer).toContain("\r\nRingstead-Peer: p1\r\n")
})

test("a client that comes without a dispatcher is sent to one", async () => {
  await using peer = await ingress(null)
  expect(await talk(peer.value.address, get())).toContain("this is a peer; send requests to a dispatcher\n")
})

describe("the service", () => {
  const ask = get("Ringstead-Client: c")

  test("does not run: 503 after a while", async () => {
    await using peer = await ingress(null)
    const answer = await talk(peer.value.address, ask)
    expect(statuses(answer)).toEqual([503])
    expect(answer).toContain("\r\nRingstead-Status: no-instance\r\n")
  })

  test("starts in time: the request is answered", async () => {
    await using service = await rawServer(answering(() => OK))
    let ready = false
    await using peer = await ingress(null, {
      instanceMs: 5_000,
      upstream: () => (ready ? splitAddress(service.address) : null),
    })
    using client = await rawConnection(peer.value.address)
    await client.write(ask)
    await until("it waits", () => (peer.value.inFlight() === 1 ? true : undefined))
    ready = true
    expect(statuses(await client.end())).toEqual([200])
  })

  test("is just gone: nothing was sent, so its successor is waited for", async () => {
    const gone = await rawServer()
    await gone[Symbol.asyncDispose]()
    await using service = await rawServer(answering(() => OK))
    const places = [gone.address, gone.address, service.address]
    await using peer = await ingress(null, {
      instanceMs: 5_000,
      upstream: () => splitAddress(places.shift() ?? service.address),
    })
    expect(statuses(await talk(peer.value.address, ask.replace("GET", "POST")))).toEqual([200])
  })

  test("closes without an answer: 502", async () => {
    await using service = await rawServer(({ socket }) => socket.on("data", () => socket.destroy()))
    await using peer = await ingress(service, { instanceMs: 5_000 })
    const answer = await talk(peer.value.address, ask)
    expect(statuses(answer)).toEqual([502])
    expect(answer).toContain("the service closed the connection before it had answered in full")
  })

  test("is killed with a request in hand: an idempotent one is tried at the next run, once", async () => {
    let asked = 0
    await using service = await rawServer(({ socket }) => {
      socket.on("data", () => (++asked === 1 ? socket.destroy() : socket.write(OK)))
    })
    await using peer = await ingress(service, { instanceMs: 5_000 })
    expect(statuses(await talk(peer.value.address, ask))).toEqual([200])
    expect(asked).toBe(2)
  })

  test("dies of every request: no more than two runs are spent on one", async () => {
    let asked = 0
    await using service = await rawServer(({ socket }) => {
      socket.on("data", () => {
        asked++
        socket.destroy()
      })
    })
    await using peer = await ingress(service, { instanceMs: 5_000 })
    expect(statuses(await talk(peer.value.address, ask))).toEqual([502])
    expect(asked).toBe(2)
  })

  test("is killed with a request in hand that may not be repeated: 502, and it is not", async () => {
    let asked = 0
    await using service = await rawServer(({ socket }) => {
      socket.on("data", () => {
        asked++
        socket.destroy()
      })
    })
    await using peer = await ingress(service)
    expect(statuses(await talk(peer.value.address, ask.replace("GET", "POST")))).toEqual([502])
    expect(asked).toBe(1)
  })

  test("answers garbage: 502, and the operator hears of it once", async () => {
    const events: Array<ProcessEvent> = []
    await using service = await rawServer(answering(() => "hello\r\n\r\n"))
    await using peer = await ingress(service, { emit: (event) => events.push(event) })
    for (let i = 0; i < 3; i++) expect(statuses(await talk(peer.value.address, ask))).toEqual([502])
    expect(events).toEqual([{ type: "warning", reason: expect.stringContaining("not valid HTTP") }])
  })

  test("says nothing for too long: 504, and it is reported as hanging", async () => {
    let hung = 0
    await using service = await rawServer()
    await using peer = await ingress(service, {
      answerMs: 60,
      onHang: () => {
        hung++
      },
    })
    const answer = await talk(peer.value.address, ask)
    expect(statuses(answer)).toEqual([504])
    expect(answer).toContain("the service gave no answer in 60 ms")
    expect(hung).toBe(1)
    await until("it hears that nobody waits", () =>
      service.connections[0]?.closed() === true ? true : undefined,
    )
  })

  test("breaks off within its answer: so does ours", async () => {
    await using service = await rawServer(
      answering(() => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
    )
    await using peer = await ingress(service)
    using client = await rawConnection(peer.value.address)
    await client.write(ask)
    await client.until("the beginning", (received) => received.includes("abc"))
    service.connections[0]?.socket.destroy()
    expect((await client.end()).endsWith("0\r\n\r\n")).toBe(false)
  })
})

test("drained when nothing is in flight, though it goes on listening", async () => {
  await using service = await rawServer()
  await using peer = await ingress(service)
  using client = await rawConnection(peer.value.address)
  await client.write(get("Ringstead-Client: c"))
  await until("the request", () => (service.connections[0]?.received() ? true : undefined))
  let drained = false
  const draining = Effect.runPromise(peer.value.drained).then(() => {
    drained = true
    return undefined
  })
  expect(statuses(await talk(peer.value.address, get()))).toEqual([400])
  expect(drained).toBe(false)
  service.connections[0]?.socket.write(OK)
  await draining
  expect(statuses(await client.end())).toEqual([200])
  expect(peer.value.inFlight()).toBe(0)
})

test("a taken port is an error that names the address and the remedy", async () => {
  await using first = await ingress(null)
  await expect(ingress(null, { listen: first.value.address })).rejects.toMatchObject({
    reason: `cannot listen on ${first.value.address}: another process does; stop it or choose another port`,
  })
})
