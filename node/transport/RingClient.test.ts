import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import fc from "fast-check"
import { afterEach, describe, expect, test, vi } from "vitest"
import { ringIds } from "../../core/codec/Message.arbitrary.ts"
import { encode } from "../../core/codec/Codec.ts"
import type { ClientMessage } from "../../core/peer/Message.ts"
import { until } from "../testing/Until.ts"
import { FRAME_LIMIT, frameOf } from "./Frame.ts"
import { connect, type ConnectOptions } from "./RingClient.ts"
import {
  acquired,
  atLeast,
  call,
  closeAll,
  greetingTo,
  helloFrame,
  impostor,
  peerOf,
  station,
} from "./testing/Testbed.ts"

vi.setConfig({ testTimeout: 20_000 })

afterEach(closeAll)

const dialled = (address: string, more: Partial<ConnectOptions> = {}) =>
  acquired(connect(address, { cluster: "test", ...more }))

const refused = (address: string, more: Partial<ConnectOptions> = {}) =>
  Effect.runPromise(Effect.flip(Effect.scoped(connect(address, { cluster: "test", ...more }))))

/** Keeps what was asked, so that the test can answer. */
const asked = () => {
  const list: Array<readonly [ClientMessage, (answer: ClientMessage) => void]> = []
  const onClient = (message: ClientMessage, reply: (answer: ClientMessage) => void): void => {
    list.push([message, reply])
  }
  return { list, onClient }
}

const options = { trace: true, deadlineMs: 10_000 }

describe("requests", () => {
  test("each gets its own answer, in whatever order answers come", async () => {
    const { list, onClient } = asked()
    const host = await station("a", { onClient })
    const { value: client } = await dialled(host.self.ring)
    expect(client.peer).toEqual(host.self)
    const keys = fc.sample(ringIds, { numRuns: 300, seed: 3 })
    const answers = Effect.runPromise(
      Effect.all(
        keys.map((key) => client.find(key, options)),
        { concurrency: "unbounded" },
      ),
    )
    await atLeast(list, keys.length, "requests")
    for (const [message, reply] of list.toReversed()) {
      if (message.type !== "Find") throw new Error(`not asked for: ${message.type}`)
      reply({ type: "Found", token: message.token, owner: peerOf("c"), hops: 3, path: [message.key] })
    }
    expect(await answers).toEqual(keys.map((key) => ({ owner: peerOf("c"), hops: 3, path: [key] })))
  })

  test("inspect gives the report as it is", async () => {
    const json = JSON.stringify({ long: "x".repeat(500_000), "\u00fc": "\u{1f44b}" })
    const host = await station("a", {
      onClient: (message, reply) => reply({ type: "Inspected", token: message.token, json }),
    })
    const { value: client } = await dialled(host.self.ring)
    expect(await Effect.runPromise(client.inspect(10_000))).toBe(json)
  })

  test("one without an answer times out; the others and the connection go on", async () => {
    const { list, onClient } = asked()
    const host = await station("a", { onClient })
    const { value: client } = await dialled(host.self.ring)
    const late = await Effect.runPromise(
      Effect.flip(client.find(peerOf("1").id, { trace: false, deadlineMs: 20 })),
    )
    expect(late).toMatchObject({ reason: "timeout", message: "peer-a did not answer Find within 20 ms" })
    const second = Effect.runPromise(client.inspect(10_000))
    await atLeast(list, 2, "requests")
    // The late answer is nobody's any more.
    list[0]?.[1]({ type: "Found", token: 1, owner: null, hops: 0, path: [] })
    list[1]?.[1]({ type: "Inspected", token: 2, json: "{}" })
    expect(await second).toBe("{}")
  })

  test("one that is given up leaves nothing behind", async () => {
    const { list, onClient } = asked()
    const host = await station("a", { onClient })
    const { value: client } = await dialled(host.self.ring)
    const fiber = Effect.runFork(client.inspect(10_000))
    await atLeast(list, 1, "requests")
    await Effect.runPromise(Fiber.interrupt(fiber))
    list[0]?.[1]({ type: "Inspected", token: 1, json: "{}" })
    expect(await Effect.runPromise(Effect.flip(client.inspect(20)))).toMatchObject({ reason: "timeout" })
  })

  test("when the connection is lost all fail at once, and so does each after", async () => {
    const { list, onClient } = asked()
    const host = await station("a", { onClient })
    const { value: client } = await dialled(host.self.ring)
    const failures = Effect.runPromise(
      Effect.all(
        Array.from({ length: 20 }, () => Effect.flip(client.inspect(60_000))),
        { concurrency: "unbounded" },
      ),
    )
    const closed = Effect.runPromise(client.closed)
    await atLeast(list, 20, "requests")
    await host.close()
    expect(new Set((await failures).map((one) => one.reason))).toEqual(new Set(["lost"]))
    await closed
    await Effect.runPromise(client.closed)
    expect(await Effect.runPromise(Effect.flip(client.find(peerOf("1").id, options)))).toMatchObject({
      reason: "lost",
      message: expect.stringMatching(/^peer-a closed the connection/),
    })
  })

  test("an answer that is none to the question breaks the connection", async () => {
    const host = await station("a", {
      onClient: ({ token }, reply) => reply({ type: "Inspected", token, json: "{}" }),
    })
    const { value: client } = await dialled(host.self.ring)
    const failure = await Effect.runPromise(Effect.flip(client.find(peerOf("1").id, options)))
    expect(failure).toMatchObject({
      reason: "lost",
      message: expect.stringMatching(/Inspected for an answer to Find/),
    })
  })
})

describe("leave", () => {
  test("is done when the peer has gone", async () => {
    const { list, onClient } = asked()
    const host = await station("a", { onClient })
    const { value: client } = await dialled(host.self.ring)
    const left = Effect.runPromise(client.leave(10_000))
    await atLeast(list, 1, "requests")
    expect(list[0]?.[0].type).toBe("Leave")
    await host.close()
    await left
  })

  test("fails when it takes too long", async () => {
    const host = await station("a", { onClient: () => {} })
    const { value: client } = await dialled(host.self.ring)
    expect(await Effect.runPromise(Effect.flip(client.leave(20)))).toMatchObject({
      reason: "timeout",
      message: "peer-a had not left after 20 ms",
    })
  })
})

describe("a connection that does not come about says why", () => {
  test("another cluster", async () => {
    const host = await station("a")
    expect(await refused(host.self.ring, { cluster: "elsewhere" })).toMatchObject({
      reason: "refused",
      message: expect.stringMatching(/peer-a belongs to cluster test, not to elsewhere/),
    })
  })

  test("another peer", async () => {
    const host = await station("a")
    expect(await refused(host.self.ring, { expected: peerOf("b") })).toMatchObject({
      reason: "refused",
      message: expect.stringMatching(
        /peer-a .* listens here, where peer \(bbbbbbbb, incarnation 1\) was expected/,
      ),
    })
  })

  test("nobody there, silence, and what is no peer", async () => {
    expect(await refused("127.0.0.1:1")).toMatchObject({ reason: "unreachable" })
    const silent = await impostor("b", false)
    expect(await refused(silent.self.ring, { deadlineMs: 100 })).toMatchObject({ reason: "timeout" })
    const answers = Effect.runPromise(
      Effect.flip(Effect.scoped(connect(silent.self.ring, { cluster: "test" }))),
    )
    const caller = await until("a second call", () => silent.calls[1])
    caller.socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")
    expect(await answers).toMatchObject({ reason: "protocol" })
  })
})

const inspect = (token: number): Uint8Array => frameOf(encode({ type: "Inspect", token }))

describe("a client that asks more than it reads", () => {
  test("is not read from until it reads, and then gets every answer", async () => {
    let asks = 0
    const json = "x".repeat(40_000)
    const host = await station("a", {
      onClient: ({ token }, reply) => {
        asks++
        reply({ type: "Inspected", token, json })
      },
    })
    const caller = await call(host.self.ring, helloFrame())
    await greetingTo(caller)
    caller.socket.pause()
    const wanted = 1_000
    caller.socket.write(Buffer.concat(Array.from({ length: wanted }, (_, token) => inspect(token))))
    await atLeast(caller.bodies, 1, "frames")
    // The kernel's buffers take some megabytes of the 40; the rest must not have been asked for.
    const stopped = await until("a standstill", async () => {
      const before = asks
      await new Promise((resolve) => setTimeout(resolve, 100))
      return asks === before ? asks : undefined
    })
    expect(stopped).toBeLessThan(wanted / 2)
    caller.socket.resume()
    await until("all answers", () => (caller.bodies.length === wanted + 1 ? true : undefined))
  })

  test("is not read from while too many of its questions wait", async () => {
    const { list, onClient } = asked()
    const host = await station("a", { onClient, limits: { clientRequests: 10 } })
    const caller = await call(host.self.ring, helloFrame())
    await greetingTo(caller)
    caller.socket.write(Buffer.concat(Array.from({ length: 25 }, (_, token) => inspect(token))))
    await atLeast(list, 10, "questions")
    expect(list).toHaveLength(10)
    for (let token = 0; token < 25; token++) {
      const [, reply] = await until("the next question", () => list[token])
      reply({ type: "Inspected", token, json: "{}" })
    }
    await until("all answers", () => (caller.bodies.length === 26 ? true : undefined))
  })

  test("and never reads is closed", async () => {
    const json = "x".repeat(1_000_000)
    const host = await station("a", {
      limits: { stallMs: 100 },
      onClient: ({ token }, reply) => reply({ type: "Inspected", token, json }),
    })
    const caller = await call(host.self.ring, helloFrame())
    await greetingTo(caller)
    caller.socket.pause()
    caller.socket.write(Buffer.concat(Array.from({ length: 100 }, (_, token) => inspect(token))))
    await until("the end of the connection", () => (host.transport.stats().inbound === 0 ? true : undefined))
    expect(host.problems).toEqual([expect.stringMatching(/does not read its answers/)])
  })
})

test("an answer too long for a frame closes the connection and says so", async () => {
  const host = await station("a", {
    onClient: ({ token }, reply) => reply({ type: "Inspected", token, json: "x".repeat(FRAME_LIMIT) }),
  })
  const { value: client } = await dialled(host.self.ring)
  expect(await Effect.runPromise(Effect.flip(client.inspect(10_000)))).toMatchObject({
    reason: "lost",
    message: expect.stringMatching(/Inspected: 41943\d\d bytes, and a frame holds at most 4194304/),
  })
})
