import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { afterEach, describe, expect, test, vi } from "vitest"
import { ringMessages } from "../../core/codec/Message.arbitrary.ts"
import { placeholder } from "../../core/peer/Contact.ts"
import type { RingMessage } from "../../core/peer/Message.ts"
import type { DiskOptions } from "./DiskOptions.ts"
import { makeTransport } from "./PeerTransport.ts"
import { someDisk } from "./testing/SomeDisk.ts"
import { until } from "../testing/Until.ts"
import { atLeast, closeAll, peerOf, station } from "./testing/Testbed.ts"

vi.setConfig({ testTimeout: 20_000 })

afterEach(closeAll)

const query = (op: number): RingMessage => ({ type: "StateQuery", op })

describe("messages", () => {
  test("arrive as they were, in order, under the sender's name", async () => {
    const [a, b] = [await station("a"), await station("b")]
    const sent = fc.sample(ringMessages, { numRuns: 500, seed: 7 })
    for (const message of sent) a.transport.send(b.self, message)
    b.transport.send(a.self, { type: "Ping" })
    await atLeast(b.heard, sent.length, "messages")
    await atLeast(a.heard, 1, "messages")
    expect(b.heard.map((one) => one.message)).toEqual(sent)
    expect(new Set(b.heard.map((one) => one.from))).toEqual(new Set(["peer-a"]))
    expect(a.heard).toEqual([{ from: "peer-b", message: { type: "Ping" } }])
    expect([...a.problems, ...b.problems, ...a.unreachable, ...b.unreachable]).toEqual([])
  })

  test("go to the address that the routes name, not to the peer's own", async () => {
    const b = await station("b")
    const a = await station("a", { routes: new Map([["peer-b", b.self.ring]]) })
    a.transport.send({ ...b.self, ring: "127.0.0.1:1" }, query(1))
    await atLeast(b.heard, 1, "messages")
    expect(a.unreachable).toEqual([])
  })

  test("to nobody, to oneself and beyond what a number can be are not sent, and said so", async () => {
    const a = await station("a")
    a.transport.send(placeholder(peerOf("b").id), query(1))
    a.transport.send(a.self, query(1))
    a.transport.send(peerOf("b", "127.0.0.1:1"), query(-1))
    expect(a.problems).toEqual([
      expect.stringMatching(/stands for nobody/),
      expect.stringMatching(/this peer itself/),
      expect.stringMatching(/cannot encode -1/),
    ])
    expect(a.transport.stats().dropped).toBe(2)
  })
})

describe("resolve", () => {
  test("says who listens, and the connection serves for messages", async () => {
    const [a, b] = [await station("a"), await station("b")]
    expect(await Effect.runPromise(a.transport.resolve(b.self.ring))).toEqual(b.self)
    a.transport.send(b.self, { type: "Ping" })
    await atLeast(b.heard, 1, "messages")
    expect(b.transport.stats().inbound).toBe(1)
  })

  test("of a peer that is connected already takes the place of that connection, unnoticed", async () => {
    const [a, b] = [await station("a"), await station("b")]
    for (let op = 0; op < 3; op++) {
      a.transport.send(b.self, query(op))
      await atLeast(b.heard, op + 1, "messages")
      await Effect.runPromise(a.transport.resolve(b.self.ring))
    }
    await until("one connection", () => (b.transport.stats().inbound === 1 ? true : undefined))
    expect([a.unreachable, b.unreachable, a.problems, b.problems].flat()).toEqual([])
  })

  test.each([
    ["itself", (own: string) => own, "refused", /peer-a itself/],
    ["nobody", () => "127.0.0.1:1", "unreachable", /nobody listens there/],
    ["no address", () => "nowhere", "unreachable", /expected host:port/],
  ])("of %s fails and says why", async (_, address, reason, words) => {
    const a = await station("a")
    const failure = await Effect.runPromise(Effect.flip(a.transport.resolve(address(a.self.ring))))
    expect(failure).toMatchObject({ reason, message: expect.stringMatching(words) })
  })
})

test("a port that is taken is a failure that names it", async () => {
  const a = await station("a")
  const again = makeTransport({
    cluster: "test",
    self: peerOf("b"),
    boot: 1,
    disk: someDisk,
    listen: a.self.ring,
    routes: new Map(),
    onMessage: () => {},
    onUnreachable: () => {},
    onClient: () => {},
    onProblem: () => {},
  })
  const failure = await Effect.runPromise(Effect.flip(Effect.scoped(again)))
  expect(failure).toMatchObject({ reason: "taken", message: expect.stringContaining(a.self.ring) })
})

test("when the scope closes nothing is left open, so that the process can end by itself", async () => {
  const script = fileURLToPath(new URL("testing/OpenAndClose.ts", import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 15_000 })
  expect(stdout).toBe("opened\nclosed\n")
})

/** A disk of one's own, and the one that others are known with. */
const disk = (own: string, known: string): DiskOptions & { readonly heard: Array<string> } => {
  const heard: Array<string> = []
  return { own, isKnown: (_, other) => other === known, onDisowned: (reason) => heard.push(reason), heard }
}

test("a peer that came back without its disk is not spoken to, by either way, and hears why", async () => {
  const [old, fresh] = ["1".repeat(32), "2".repeat(32)]
  const a = await station("a", { disk: disk("a".repeat(32), old) })
  const lost = disk(fresh, "a".repeat(32))
  const b = await station("b", { disk: lost })
  const words = /peer-b \(bbbbbbbb, incarnation 1\) with another disk: it has lost its memory/
  const refusal = await Effect.runPromise(Effect.flip(b.transport.resolve(a.self.ring)))
  expect(refusal).toMatchObject({ reason: "refused", message: expect.stringMatching(words) })
  expect(lost.heard).toEqual([expect.stringMatching(words)])
  const other = await Effect.runPromise(Effect.flip(a.transport.resolve(b.self.ring)))
  expect(other).toMatchObject({ reason: "refused", message: expect.stringMatching(words) })
  a.transport.send(b.self, { type: "Ping" })
  await until("it is taken for gone", () => (a.unreachable.includes("peer-b") ? true : undefined))
  expect(b.heard).toEqual([])
})
