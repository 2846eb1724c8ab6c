import { connect } from "node:net"
import { afterEach, describe, expect, test, vi } from "vitest"
import { decode } from "../../core/codec/Codec.ts"
import type { RingMessage } from "../../core/peer/Message.ts"
import { splitAddress } from "../http/HostPort.ts"
import { until } from "../testing/Until.ts"
import { decodeControl } from "./Control.ts"
import { SOME_DISK } from "./testing/SomeDisk.ts"
import {
  atLeast,
  aWhile,
  type Bare,
  closeAll,
  helloFrame,
  impostor,
  peerOf,
  station,
} from "./testing/Testbed.ts"

vi.setConfig({ testTimeout: 20_000 })

afterEach(closeAll)

const query = (op: number): RingMessage => ({ type: "StateQuery", op })

const opOf = (message: RingMessage): number => (message.type === "StateQuery" ? message.op : -1)

/** Messages among the frames that came, the greeting and control frames left out. */
const messagesTo = ({ bodies }: Bare): ReadonlyArray<RingMessage> =>
  bodies.slice(1).flatMap((body) => (body[0] === 0 ? [] : [decode(body) as RingMessage]))

const saidGoodbye = ({ bodies }: Bare): string | undefined => {
  const control = bodies
    .map((body) => decodeControl(body, 0, body.length))
    .find((one) => one.type === "Goodbye")
  return control?.type === "Goodbye" ? control.code : undefined
}

describe("a peer that does not read", () => {
  test("costs a bounded queue: the oldest messages are dropped and counted, the newest arrive", async () => {
    const b = await impostor("b")
    const a = await station("a", { limits: { queueFrames: 100, stallMs: 60_000 } })
    const path = Array.from({ length: 1_000 }, (_, i) => `a-name-of-some-length-${i}`)
    const big = (token: number): RingMessage => ({
      type: "LookupReply",
      token,
      owner: b.self,
      hops: 1,
      path,
    })
    a.transport.send(b.self, big(0))
    await atLeast(b.calls, 1, "connections")
    const [caller] = b.calls
    caller?.socket.pause()
    let last = 0
    // What the kernel's buffers hold is not ours to know: go on until they are full and ours has run over.
    await until("something dropped", () => {
      for (let i = 0; i < 200; i++) a.transport.send(b.self, big(++last))
      return a.transport.stats().dropped > 300 ? true : undefined
    })
    const { dropped } = a.transport.stats()
    caller?.socket.resume()
    const tokens = await until("the newest message", () => {
      const list = caller === undefined ? [] : messagesTo(caller)
      const found = list.map((message) => (message.type === "LookupReply" ? message.token : -1))
      return found.at(-1) === last ? found : undefined
    })
    expect(tokens).toHaveLength(last + 1 - dropped)
    expect(tokens).toEqual(tokens.toSorted((x, y) => x - y))
    expect(a.unreachable).toEqual([])
  })

  test("is given up when it confirms nothing, dialled again, and not called unreachable", async () => {
    const b = await impostor("b")
    const a = await station("a", { limits: { stallMs: 100 } })
    await until("a second connection", () => {
      a.transport.send(b.self, { type: "Ping" })
      return b.calls.length >= 2 ? true : undefined
    })
    expect(b.calls[0] && saidGoodbye(b.calls[0])).toBe("Stalled")
    expect(a.unreachable).toEqual([])
  })
})

describe("unreachable", () => {
  test("when nobody listens: said once, however often one tries", async () => {
    const a = await station("a")
    const b = await station("b")
    await b.close()
    const from = a.transport.stats().dropped
    await until("a few attempts", () => {
      a.transport.send(b.self, { type: "Ping" })
      return a.transport.stats().dropped > from + 2 ? true : undefined
    })
    expect(a.unreachable).toEqual(["peer-b"])
  })

  test.each([
    ["closed without a word", (caller: Bare) => caller.socket.end()],
    ["reset", (caller: Bare) => caller.socket.resetAndDestroy()],
  ])("when a connection that we dialled is %s", async (_, end) => {
    const b = await impostor("b")
    const a = await station("a")
    a.transport.send(b.self, query(1))
    const caller = await until("the message", () => b.calls.find((one) => messagesTo(one).length === 1))
    end(caller)
    await atLeast(a.unreachable, 1, "peers unreachable")
    await aWhile()
    expect(a.unreachable).toEqual(["peer-b"])
  })

  test("when the only connection, dialled by the peer, is reset", async () => {
    const a = await station("a")
    const socket = connect(splitAddress(a.self.ring))
    socket.write(helloFrame({ peer: { contact: peerOf("b"), boot: 1, disk: SOME_DISK } }))
    await until("the connection", () => (a.transport.stats().inbound === 1 ? true : undefined))
    await new Promise((resolve) => socket.once("data", resolve))
    socket.resetAndDestroy()
    await atLeast(a.unreachable, 1, "peers unreachable")
    expect(a.unreachable).toEqual(["peer-b"])
  })

  test("when the peer says that it stops; both sides of it say so once, and again after it was back", async () => {
    const a = await station("a")
    for (const boot of [1, 2]) {
      const b = await station("b", { boot })
      a.transport.send(b.self, { type: "Ping" })
      b.transport.send(a.self, { type: "Pong" })
      await atLeast(b.heard, 1, "messages")
      await atLeast(a.heard, boot, "messages")
      await b.close()
      await atLeast(a.unreachable, boot, "peers unreachable")
      await aWhile()
      expect(a.unreachable).toHaveLength(boot)
    }
  })

  test("when a newer process of the peer calls before the old one's connections have ended", async () => {
    const a = await station("a")
    const old = connect(splitAddress(a.self.ring))
    const young = connect(splitAddress(a.self.ring))
    old.on("error", () => {})
    old.write(helloFrame({ peer: { contact: peerOf("b"), boot: 3, disk: SOME_DISK } }))
    await new Promise((resolve) => old.once("data", resolve))
    young.write(helloFrame({ peer: { contact: peerOf("b"), boot: 4, disk: SOME_DISK } }))
    await new Promise((resolve) => young.once("data", resolve))
    await new Promise((resolve) => old.once("close", resolve))
    expect(a.unreachable).toEqual(["peer-b"])
    young.destroy()
    await atLeast(a.unreachable, 2, "peers unreachable")
  })

  test("when another incarnation answers in the peer's place", async () => {
    const [a, b] = [await station("a"), await station("b")]
    a.transport.send({ ...b.self, incarnation: 7 }, { type: "Ping" })
    await atLeast(a.unreachable, 1, "peers unreachable")
    expect(a.problems).toEqual([
      expect.stringMatching(/incarnation 1\) listens here, where .* incarnation 7/),
    ])
    expect(b.heard).toEqual([])
  })

  test("never for a peer that is merely not needed any more, on either side", async () => {
    const limits = { idleMs: 60 }
    const [a, b] = [await station("a", { limits }), await station("b", { limits })]
    a.transport.send(b.self, { type: "Ping" })
    await atLeast(b.heard, 1, "messages")
    await until("the connection closed", () =>
      a.transport.stats().outgoing + b.transport.stats().inbound === 0 ? true : undefined,
    )
    a.transport.send(b.self, { type: "Pong" })
    await atLeast(b.heard, 2, "messages")
    expect([...a.unreachable, ...b.unreachable, ...a.problems, ...b.problems]).toEqual([])
  })

  test("never for one of another cluster", async () => {
    const other = await station("b", { cluster: "other" })
    const a = await station("a")
    a.transport.send(other.self, { type: "Ping" })
    await atLeast(a.problems, 1, "problems")
    expect(a.problems[0]).toMatch(/belongs to cluster other, not to test/)
    expect(a.unreachable).toEqual([])
  })

  test("never for one that is slow to greet", async () => {
    const slow = await impostor("b", false)
    const a = await station("a", { limits: { handshakeMs: 50 } })
    a.transport.send(slow.self, { type: "Ping" })
    await until("a goodbye", () => slow.calls.find((one) => saidGoodbye(one) === "Stalled"))
    expect(a.unreachable).toEqual([])
  })
})

describe("a peer that comes back", () => {
  test("is dialled again, later and later while it is away", async () => {
    const a = await station("a", { limits: { backoffMs: 20, maxBackoffMs: 100 } })
    const first = await station("b")
    a.transport.send(first.self, query(0))
    await atLeast(first.heard, 1, "messages")
    await first.close()
    await atLeast(a.unreachable, 1, "peers unreachable")
    const second = await station("b", { boot: 2, listen: first.self.ring, self: first.self })
    let op = 0
    await until("a message after the restart", () => {
      a.transport.send(second.self, query(++op))
      return second.heard.length > 0 ? true : undefined
    })
    // What was sent while it was away is too old, and gone.
    expect(opOf(second.heard[0]?.message ?? query(0))).toBeGreaterThan(0)
    expect(a.unreachable).toEqual(["peer-b"])
  })

  test("and calls us is answered at once, whatever the pause", async () => {
    const a = await station("a", { limits: { backoffMs: 60_000, maxBackoffMs: 60_000 } })
    const first = await station("b")
    await first.close()
    a.transport.send(first.self, query(1))
    await atLeast(a.unreachable, 1, "peers unreachable")
    a.transport.send(first.self, query(2))
    const second = await station("b", { listen: first.self.ring, self: first.self })
    second.transport.send(a.self, { type: "Ping" })
    await atLeast(second.heard, 1, "messages")
    expect(second.heard.map((one) => one.message)).toEqual([query(2)])
  })
})
