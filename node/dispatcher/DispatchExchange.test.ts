import { describe, expect, test, vi } from "vitest"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import type { Leader } from "../ingress/PeerHeaders.ts"
import {
  answers,
  ask,
  CELLS,
  dispatch,
  FakeRing,
  firstRequest,
  misdirected,
  named,
  OK,
  okOf,
} from "../testing/Dispatching.ts"
import { answering, rawConnection, rawServer, statuses, talk } from "../testing/RawHttp.ts"
import { until } from "../testing/Until.ts"

describe("corrections", () => {
  test("a peer that does not lead says who does: one extra hop, once", async () => {
    await using right = await rawServer(answers(okOf("right")))
    await using wrong = await rawServer(answers(misdirected(named("right", right))))
    const ring = new FakeRing().give(named("wrong", wrong))
    await using dispatcher = await dispatch(ring)
    for (const method of ["POST", "GET", "PATCH"]) {
      expect(statuses(await talk(dispatcher.value.address, ask(method)))).toEqual([200])
    }
    expect(wrong.connections[0]?.received().match(/ HTTP\/1.1\r\n/g)).toHaveLength(1)
    expect(right.connections[0]?.received().match(/ HTTP\/1.1\r\n/g)).toHaveLength(3)
    expect(ring.asked).toBe(1)
  })

  test("a peer that does not know who leads: the ring is asked", async () => {
    await using right = await rawServer(answers(okOf("right")))
    const ring = new FakeRing()
    await using wrong = await rawServer(
      answering(() => {
        ring.give(named("right", right))
        return misdirected()
      }),
    )
    ring.give(named("wrong", wrong))
    await using dispatcher = await dispatch(ring)
    expect(statuses(await talk(dispatcher.value.address, ask("POST")))).toEqual([200])
  })

  test("peers that name one another in turn are given time, not a storm", async () => {
    let hops = 0
    const places: Array<Leader> = []
    const other = (index: number) =>
      answering(() => {
        hops++
        return misdirected(places[index])
      })
    await using a = await rawServer(other(1))
    await using b = await rawServer(other(0))
    places.push(named("a", a), named("b", b))
    await using dispatcher = await dispatch(new FakeRing().give(named("a", a)), { deadlineMs: 300 })
    const answer = await talk(dispatcher.value.address, ask("POST"))
    expect(statuses(answer)).toEqual([503])
    expect(answer).toContain("Ringstead-Status: no-leader\r\n")
    expect(hops).toBeLessThan(60)
  })

  test("a peer without a service instance is asked again, any method, until it has one", async () => {
    let times = 0
    await using peer = await rawServer(
      answering(() =>
        ++times < 3 ? "HTTP/1.1 503 x\r\nRingstead-Status: no-instance\r\nContent-Length: 3\r\n\r\nno\n" : OK,
      ),
    )
    await using dispatcher = await dispatch(new FakeRing().give(named("p", peer)))
    expect(statuses(await talk(dispatcher.value.address, ask("POST")))).toEqual([200])
    expect(times).toBe(3)
  })

  test("a status of the service's own is the client's", async () => {
    for (const status of [421, 503, 502]) {
      await using peer = await rawServer(
        answers(`HTTP/1.1 ${status} x\r\nRingstead-Peer: p\r\nContent-Length: 0\r\n\r\n`),
      )
      await using dispatcher = await dispatch(new FakeRing().give(named("p", peer)))
      expect(statuses(await talk(dispatcher.value.address, ask()))).toEqual([status])
    }
  })
})

/** The first peer is killed with the request in its hands; by then the ring knows of the second. */
const killed = async (request: string): Promise<{ readonly answer: string; readonly asked: number }> => {
  await using first = await rawServer()
  await using second = await rawServer(answers(okOf("second")))
  const ring = new FakeRing().give(named("first", first))
  await using dispatcher = await dispatch(ring)
  const answer = talk(dispatcher.value.address, request)
  const { socket } = await firstRequest(first)
  ring.give(named("second", second))
  socket.resetAndDestroy()
  return { answer: await answer, asked: ring.asked }
}

describe("a peer dies", () => {
  test.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])("%s is tried at its successor", async (method) => {
    expect(statuses((await killed(ask(method))).answer)).toEqual([200])
  })

  test.each(["POST", "PATCH"])("%s may have been executed: 502 that says so", async (method) => {
    const { answer } = await killed(ask(method))
    expect(statuses(answer)).toEqual([502])
    expect(answer).toContain("\r\nRingstead-Status: maybe-executed\r\n")
    expect(answer).toMatch(/may or may not have been executed; look before you send it again\n$/)
  })

  test("and nobody listens there any more: any method is tried elsewhere", async () => {
    const gone = await rawServer()
    await gone[Symbol.asyncDispose]()
    await using second = await rawServer(answers(okOf("second")))
    const ring = new FakeRing().give(named("gone", gone))
    await using dispatcher = await dispatch(ring)
    const answer = talk(dispatcher.value.address, ask("POST"))
    // The ring takes its time to notice.
    await until("the ring was asked again", () => (ring.asked > 2 ? true : undefined))
    ring.give(named("second", second))
    expect(statuses(await answer)).toEqual([200])
  })

  test("its other clients do not wait to find out one by one", async () => {
    await using first = await rawServer(answers(okOf("first")))
    await using second = await rawServer(answers(okOf("second")))
    const ring = new FakeRing().give(named("first", first))
    await using dispatcher = await dispatch(ring)
    const clients = Array.from({ length: 40 }, (_, i) => `c${i}`)
    for (const client of clients) await talk(dispatcher.value.address, ask("GET", client))
    ring.give(named("second", second))
    await first[Symbol.asyncDispose]()
    const before = ring.asked
    for (const client of clients) {
      expect(statuses(await talk(dispatcher.value.address, ask("POST", client)))).toEqual([200])
    }
    expect(ring.asked - before).toBeLessThanOrEqual(CELLS + 1)
  })

  test("and the ring still names it when it is back: it is tried again", async () => {
    let times = 0
    await using peer = await rawServer(({ socket }) => {
      socket.on("data", () => (++times < 4 ? socket.destroy() : socket.write(OK)))
    })
    await using dispatcher = await dispatch(new FakeRing().give(named("p", peer)))
    expect(statuses(await talk(dispatcher.value.address, ask()))).toEqual([200])
    expect(times).toBe(4)
  })

  const half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nRingstead-Peer: first\r\n\r\nhello"

  /** The first peer dies with half of its answer sent; `more` is what it sent of the body besides. */
  const diesHalfway = async (request: string, more = ""): Promise<string> => {
    await using first = await rawServer(({ socket }) => {
      socket.once("data", () => socket.end(half + more))
    })
    await using second = await rawServer(answers(okOf("second")))
    const ring = new FakeRing().give(named("first", first))
    await using dispatcher = await dispatch(ring)
    const answer = talk(dispatcher.value.address, request)
    await firstRequest(first)
    ring.give(named("second", second))
    return await answer
  }

  test("in the middle of a short answer: a GET is tried at its successor, and nothing of the half is seen", async () => {
    expect(await diesHalfway(ask())).toBe(await diesHalfway(ask("PUT")))
    const answer = await diesHalfway(ask())
    expect(statuses(answer)).toEqual([200])
    expect(answer).not.toContain("hello")
  })

  test("in the middle of a short answer: a POST may have been executed", async () => {
    expect(statuses(await diesHalfway(ask("POST")))).toEqual([502])
  })

  test("after its answer has begun: the client's connection is cut, not its answer completed", async () => {
    await using peer = await rawServer(
      answers("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nRingstead-Peer: p\r\n\r\nhello"),
    )
    await using dispatcher = await dispatch(new FakeRing().give(named("p", peer)))
    using client = await rawConnection(dispatcher.value.address)
    await client.write(ask())
    await client.until("the beginning", (received) => received.endsWith("hello"))
    peer.connections[0]?.socket.destroy()
    expect((await client.end()).endsWith("hello")).toBe(true)
  })
})

/** A client's name of which that is true. */
const fresh = (suits: (name: string) => boolean): string => {
  for (let n = 0; ; n++) if (suits(`c${n}`)) return `c${n}`
}

/** The first peer takes the request and says nothing; then the ring gives its cells to the second. */
const silent = async (request: string): Promise<string> => {
  await using first = await rawServer()
  await using second = await rawServer(answers(okOf("second")))
  const ring = new FakeRing().give(named("first", first))
  await using dispatcher = await dispatch(ring)
  const answer = talk(dispatcher.value.address, request)
  await firstRequest(first)
  ring.give(named("second", second))
  return await answer
}

describe("a peer falls silent", () => {
  test("and another takes its place: a GET is tried there", async () => {
    expect(statuses(await silent(ask()))).toEqual([200])
  })

  test("and another takes its place: a POST may have been executed", async () => {
    const answer = await silent(ask("POST"))
    expect(statuses(answer)).toEqual([502])
    expect(answer).toContain("the peer fell silent and another has taken its place")
  })

  test("and nobody takes its place: it is merely slow, and waited for", async () => {
    await using peer = await rawServer()
    const ring = new FakeRing().give(named("p", peer))
    await using dispatcher = await dispatch(ring)
    const answer = talk(dispatcher.value.address, ask("POST"))
    const { socket } = await firstRequest(peer)
    await until("the ring was asked about it", () => (ring.asked >= 3 ? true : undefined))
    socket.write(OK)
    expect(statuses(await answer)).toEqual([200])
  })

  test("and one who waited long finds out for whoever has only begun to wait", async () => {
    await using first = await rawServer()
    await using other = await rawServer()
    await using second = await rawServer(answers(okOf("second")))
    const ring = new FakeRing().give(named("first", first))
    // The dispatcher's clock is the test's.
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] })
    using _ = { [Symbol.dispose]: () => vi.useRealTimers() }
    await using dispatcher = await dispatch(ring)
    const answered: Array<string> = []
    const begin = async (client: string): Promise<void> => {
      const answer = await talk(dispatcher.value.address, ask("GET", client))
      answered.push(`${client} ${statuses(answer).join()}`)
    }
    const begun = [begin("long")]
    await firstRequest(first)
    vi.advanceTimersByTime(350)
    await until("the ring was asked again, in vain", () => (ring.asked >= 2 ? true : undefined))
    // Two more: one waits for the same peer, the other for one that nobody has found out about yet.
    const { cell } = makeHasher(["sha1"])
    const elsewhere = fresh((name) => !["long", "same"].some((one) => cell(name, CELLS) === cell(one, CELLS)))
    ring.leaders.set(cell(elsewhere, CELLS), named("other", other))
    begun.push(begin(elsewhere), begin("same"))
    await firstRequest(other)
    await until("all wait", () => first.connections[1]?.received().includes("\r\n\r\n") || undefined)
    ring.give(named("second", second))
    vi.advanceTimersByTime(50)
    await until("one is answered", () => answered.length === 1 || undefined)
    vi.advanceTimersByTime(25)
    await until("another is answered", () => answered.length === 2 || undefined)
    expect(answered).toEqual(["long 200", "same 200"])
    vi.advanceTimersByTime(300)
    await Promise.all(begun)
    expect(answered).toEqual(["long 200", "same 200", `${elsewhere} 200`])
  })

  test("for longer than a request may take: 504", async () => {
    await using peer = await rawServer()
    await using dispatcher = await dispatch(new FakeRing().give(named("p", peer)), { deadlineMs: 100 })
    const answer = await talk(dispatcher.value.address, ask())
    expect(statuses(answer)).toEqual([504])
    expect(answer).toContain("\r\nRingstead-Status: timeout\r\n")
    expect(answer).toMatch(/\r\n\r\nno answer within 100 ms/)
    await until("the attempt is given up", () => (dispatcher.value.upstreams() === 0 ? true : undefined))
  })
})
