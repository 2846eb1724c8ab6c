import { connect } from "node:net"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { encode, WIRE_VERSION } from "../../core/codec/Codec.ts"
import type { Message } from "../../core/peer/Message.ts"
import { splitAddress } from "../http/HostPort.ts"
import { until } from "../testing/Until.ts"
import { decodeControl } from "./Control.ts"
import { FRAME_LIMIT, frameOf } from "./Frame.ts"
import { encodeGreeting } from "./Handshake.ts"
import { SOME_DISK } from "./testing/SomeDisk.ts"
import {
  atLeast,
  type Bare,
  call,
  closeAll,
  greetingTo,
  helloFrame,
  peerOf,
  type Station,
  station,
} from "./testing/Testbed.ts"

vi.setConfig({ testTimeout: 20_000 })

let host: Station

beforeEach(async () => {
  host = await station("a", { limits: { inbound: 12, unproved: 6 } })
})

/** Whatever was done to it: the process lives, and a good peer is let in and heard. */
afterEach(async () => {
  const good = await station("9")
  good.transport.send(host.self, { type: "Ping" })
  await until("a good peer's message", () => host.heard.find((one) => one.from === "peer-9"))
  await closeAll()
})

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const goodbyeTo = (caller: Bare) =>
  until("a goodbye", () =>
    caller.bodies
      .map((body) => decodeControl(body, 0, body.length))
      .find((control) => control.type === "Goodbye"),
  )
const gone = (caller: Bare) => until("the end of the connection", () => (caller.closed() ? true : undefined))

describe("whoever greets wrongly is told why, and the operator too", () => {
  const stranger = { contact: peerOf("b"), boot: 1, disk: SOME_DISK }
  const elsewhere = { id: peerOf("c").id, incarnation: 1 }
  const cases: ReadonlyArray<readonly [string, Uint8Array, string, RegExp]> = [
    [
      "another cluster",
      helloFrame({ cluster: "elsewhere", peer: stranger }),
      "WrongCluster",
      /peer-a belongs to cluster test, not to elsewhere/,
    ],
    [
      "a later version",
      helloFrame({ peer: stranger }, WIRE_VERSION + 1),
      "WrongVersion",
      new RegExp(`wire version ${WIRE_VERSION}, not ${WIRE_VERSION + 1}`),
    ],
    [
      "one who means another peer",
      helloFrame({ expected: elsewhere }),
      "NotExpected",
      /peer-a \(aaaaaaaa, incarnation 1\) listens here, where peer \(cccccccc, incarnation 1\)/,
    ],
    [
      "one who means an earlier incarnation",
      helloFrame({ expected: { id: peerOf("a").id, incarnation: 2 } }),
      "NotExpected",
      /incarnation 2\) was expected/,
    ],
    [
      "itself",
      helloFrame({ peer: { contact: peerOf("a"), boot: 9, disk: SOME_DISK } }),
      "Self",
      /peer-a itself/,
    ],
    ["garbage", frameOf(text("good morning")), "Malformed", /does not begin with "RINGSTEAD" at byte 0/],
    ["a message", frameOf(encode({ type: "Ping" })), "Malformed", /no greeting/],
    [
      "a greeting cut short",
      frameOf(text("RINGSTEAD")),
      "Malformed",
      /version: the bytes end here at byte 9/,
    ],
    [
      "a refusal",
      frameOf(encodeGreeting({ type: "Refusal", code: "Other", text: "no" })),
      "Malformed",
      /a refusal as first word/,
    ],
  ]
  test.each(cases)("%s", async (_, bytes, code, words) => {
    const caller = await call(host.self.ring, bytes)
    expect(await greetingTo(caller)).toEqual({ type: "Refusal", code, text: expect.stringMatching(words) })
    await gone(caller)
    expect(host.problems).toEqual([expect.stringMatching(words)])
  })
})

describe("whoever does not greet in time is dropped", () => {
  test.each([
    ["nothing at all", new Uint8Array(0)],
    ["half a greeting", helloFrame().subarray(0, 9)],
  ])("%s", async (_, bytes) => {
    const hasty = await station("b", { limits: { handshakeMs: 50 } })
    const caller = await call(hasty.self.ring, bytes)
    expect(await greetingTo(caller)).toMatchObject({ code: "Late", text: "no greeting came within 50 ms" })
    await gone(caller)
    expect(hasty.problems).toEqual([expect.stringMatching(/no greeting came within 50 ms/)])
  })
})

describe("what is no frame closes the connection, before the greeting or after", () => {
  const broken: ReadonlyArray<readonly [string, Uint8Array, RegExp]> = [
    ["an empty frame", Uint8Array.of(0, 0, 0, 0), /an empty frame/],
    ["a frame above the limit", Uint8Array.of(0, 64, 0, 1), /a frame of 4194305 bytes/],
    ["HTTP", text("GET / HTTP/1.1\r\n\r\n"), /a frame of 1195725856 bytes/],
    ["noise", Uint8Array.of(255, 254, 253, 252, 251), /a frame of 4294901244 bytes/],
  ]
  test.each(broken)("%s", async (_, bytes, words) => {
    const early = await call(host.self.ring, bytes)
    const later = await call(host.self.ring, helloFrame(), bytes)
    for (const caller of [early, later]) {
      expect(await goodbyeTo(caller)).toMatchObject({ code: "Protocol", text: expect.stringMatching(words) })
      await gone(caller)
    }
    expect(host.problems).toEqual([expect.stringMatching(words), expect.stringMatching(words)])
  })

  test("nobody takes 1 MiB of memory before greeting", async () => {
    const caller = await call(host.self.ring, Uint8Array.of(0, 0, 16, 1), new Uint8Array(100))
    expect(await goodbyeTo(caller)).toMatchObject({
      text: expect.stringMatching(/4097 bytes, where at most 4096/),
    })
  })
})

describe("what is said on the wrong connection, or is no message, closes it", () => {
  const key = peerOf("b").id
  const cases: ReadonlyArray<readonly [string, "peer" | "client", Message | Uint8Array, RegExp]> = [
    ["a ring message from a client", "client", { type: "Ping" }, /Ping, which clients do not say/],
    [
      "an answer from a client",
      "client",
      { type: "Inspected", token: 1, json: "" },
      /Inspected, which clients/,
    ],
    [
      "a question of clients from a peer",
      "peer",
      { type: "Find", token: 1, key, trace: false },
      /Find, which only/,
    ],
    ["garbage from a client", "client", Uint8Array.of(200, 1), /no message has this first byte at byte 0/],
    ["garbage from a peer", "peer", Uint8Array.of(1, 1), /the message ends before this byte at byte 1/],
    ["an unknown control frame", "peer", Uint8Array.of(0, 77), /a control frame that is none/],
  ]
  test.each(cases)("%s", async (_, role, said, words) => {
    const peer = role === "peer" ? { contact: peerOf("b"), boot: 1, disk: SOME_DISK } : null
    const bytes = said instanceof Uint8Array ? said : encode(said)
    const caller = await call(host.self.ring, helloFrame({ peer }), frameOf(bytes))
    expect(await goodbyeTo(caller)).toMatchObject({ code: "Protocol", text: expect.stringMatching(words) })
    await gone(caller)
    expect(host.problems).toEqual([expect.stringMatching(words)])
    expect(host.unreachable).toEqual([])
    expect(host.heard).toEqual([])
  })

  test("a message cut off by the end of the connection is not heard", async () => {
    const frame = frameOf(encode({ type: "StateQuery", op: 300 }))
    const peer = { contact: peerOf("b"), boot: 1, disk: SOME_DISK }
    const caller = await call(
      host.self.ring,
      helloFrame({ peer }),
      frame,
      frame.subarray(0, frame.length - 1),
    )
    await atLeast(host.heard, 1, "messages")
    caller.socket.end()
    await atLeast(host.unreachable, 1, "peers unreachable")
    expect(host.heard).toHaveLength(1)
  })
})

describe("too many", () => {
  test("that say nothing: some are turned away, and room is made after the deadline", async () => {
    const crowded = await station("b", { limits: { handshakeMs: 1_000, unproved: 6 } })
    const callers = await Promise.all(Array.from({ length: 9 }, () => call(crowded.self.ring)))
    const refusals = await Promise.all(callers.map(greetingTo))
    const codes = refusals.map((greeting) => (greeting.type === "Refusal" ? greeting.code : greeting.type))
    expect(codes.toSorted()).toEqual([...Array(6).fill("Late"), ...Array(3).fill("TooMany")])
    await Promise.all(callers.map(gone))
  })

  test("that greet: those beyond the limit are turned away, until others go", async () => {
    const callers: Array<Bare> = []
    for (let i = 0; i < 12; i++) {
      const caller = await call(host.self.ring, helloFrame())
      callers.push(caller)
      expect(await greetingTo(caller)).toMatchObject({ type: "Hello", cluster: "test" })
    }
    expect(await greetingTo(await call(host.self.ring, helloFrame()))).toMatchObject({ code: "TooMany" })
    for (const caller of callers) caller.socket.end()
    await until("room", () => (host.transport.stats().inbound === 0 ? true : undefined))
  })

  test("problems: only the first few of a kind are said", async () => {
    for (let i = 0; i < 20; i++) await gone(await call(host.self.ring, Uint8Array.of(0, 0, 0, 0)))
    expect(host.problems).toHaveLength(5)
  })
})

test("whoever only looks whether the port is open is no problem", async () => {
  const caller = await call(host.self.ring)
  caller.socket.end()
  await gone(caller)
  expect(host.problems).toEqual([])
})

test("a stale process of a peer is turned away while the newer one is connected", async () => {
  const contact = peerOf("b")
  const newer = await call(host.self.ring, helloFrame({ peer: { contact, boot: 5, disk: SOME_DISK } }))
  expect(await greetingTo(newer)).toMatchObject({ type: "Hello" })
  const older = await call(host.self.ring, helloFrame({ peer: { contact, boot: 4, disk: SOME_DISK } }))
  expect(await greetingTo(older)).toMatchObject({ code: "StaleBoot" })
  expect(newer.closed()).toBe(false)
  expect(host.unreachable).toEqual([])
})

test("a greeting in single bytes, with a message right behind it, is as good as any", async () => {
  const peer = { contact: peerOf("b"), boot: 1, disk: SOME_DISK }
  const bytes = Buffer.concat([helloFrame({ peer }), frameOf(encode({ type: "Notify" }))])
  const socket = connect({ ...splitAddress(host.self.ring), noDelay: true })
  for (const byte of bytes) socket.write(Uint8Array.of(byte))
  await atLeast(host.heard, 1, "messages")
  expect(host.heard).toEqual([{ from: "peer-b", message: { type: "Notify" } }])
  socket.destroy()
})

test(`a frame of ${FRAME_LIMIT} bytes is read, if it is a message`, async () => {
  const names = Array.from({ length: 16_000 }, () => "n".repeat(64))
  const reply: Message = { type: "LookupReply", token: 1, owner: peerOf("b"), hops: 1, path: names }
  const peer = { contact: peerOf("b"), boot: 1, disk: SOME_DISK }
  await call(host.self.ring, helloFrame({ peer }), frameOf(encode(reply)))
  await atLeast(host.heard, 1, "messages")
  expect(host.heard[0]?.message).toEqual(reply)
})
