import fc from "fast-check"
import { expect, test } from "vitest"
import { decode } from "../../core/codec/Codec.ts"
import { encodeEntry } from "../../core/codec/EntryCodec.ts"
import { messages } from "../../core/codec/Message.arbitrary.ts"
import type { Message } from "../../core/peer/Message.ts"
import type { Hash } from "../../core/replication/Durable.ts"
import { FRAME_LIMIT, FrameParser } from "./Frame.ts"
import { Outbox } from "./Outbox.ts"
import { defaultLimits } from "./TransportLimits.ts"

const query = (op: number): Message => ({ type: "StateQuery", op })

const contents = (bytes: Uint8Array | undefined): ReadonlyArray<unknown> => {
  const parser = new FrameParser()
  parser.push(bytes ?? new Uint8Array(0))
  const found: Array<unknown> = []
  while (parser.next() === "frame") found.push(decode(parser.bytes, parser.start, parser.end))
  return found
}

test("what goes in comes out in order, however it is taken", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(messages, fc.option(fc.nat(2_000)))), (steps) => {
      const outbox = new Outbox(10_000, 2 ** 24)
      const out: Array<unknown> = []
      for (const [message, take] of steps) {
        expect(outbox.push(message)).toBeUndefined()
        if (take !== null) out.push(...contents(outbox.take(take)))
      }
      while (outbox.frames > 0) out.push(...contents(outbox.take(1)))
      expect(out).toEqual(steps.map(([message]) => message))
      expect([outbox.bytes, outbox.dropped]).toEqual([0, 0])
    }),
  )
})

test("as a list that keeps only the newest would", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constant("push" as const) },
    { weight: 1, arbitrary: fc.constantFrom("take" as const, "clear" as const) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 40 }), (steps, room) => {
      const outbox = new Outbox(room, 2 ** 20)
      let model: Array<unknown> = []
      let dropped = 0
      const out: Array<unknown> = []
      const expected: Array<unknown> = []
      steps.forEach((what, op) => {
        if (what === "push") {
          outbox.push(query(op))
          model.push(query(op))
          if (model.length > room) dropped++
          model = model.slice(-room)
        } else if (what === "clear") {
          outbox.clear()
          dropped += model.length
          model = []
        } else {
          out.push(...contents(outbox.take(2 ** 20)))
          expected.push(...model)
          model = []
        }
        expect([outbox.frames, outbox.dropped]).toEqual([model.length, dropped])
      })
      expect(out).toEqual(expected)
    }),
  )
})

test("bytes are bounded too, and the memory behind them", () => {
  const outbox = new Outbox(1_000_000, 10_000)
  const json = "x".repeat(1_000)
  for (let token = 0; token < 5_000; token++) outbox.push({ type: "Inspected", token, json })
  expect(outbox.bytes).toBeLessThanOrEqual(10_000)
  expect(contents(outbox.take(100_000)).at(-1)).toEqual({ type: "Inspected", token: 4_999, json })
})

test("what is no message, or too long for a frame, is refused and changes nothing", () => {
  const outbox = new Outbox(10, 2 ** 24)
  outbox.push(query(1))
  expect(outbox.push(query(-1))).toMatch(/StateQuery: cannot encode -1/)
  expect(outbox.push({ type: "Inspected", token: 1, json: "x".repeat(FRAME_LIMIT) })).toMatch(
    /at most 4194304/,
  )
  outbox.push(query(2))
  expect(contents(outbox.take(100))).toEqual([query(1), query(2)])
})

test("the largest entry there can be is sent, and a burst of them waits for its turn", () => {
  const mebibyte = new Uint8Array(2 ** 20 + 2 ** 16).fill(7)
  const bytes = encodeEntry({
    type: "request",
    client: "c".repeat(256),
    id: "i".repeat(512),
    at: Number.MAX_SAFE_INTEGER,
    replay: "compare",
    request: mebibyte,
    response: mebibyte,
  })
  const append: Message = {
    type: "Append",
    cell: 2 ** 20 - 1,
    epoch: Number.MAX_SAFE_INTEGER,
    round: { boot: Number.MAX_SAFE_INTEGER, n: Number.MAX_SAFE_INTEGER },
    prev: { length: Number.MAX_SAFE_INTEGER, head: "f".repeat(64) as Hash },
    items: [{ bytes }],
    commit: Number.MAX_SAFE_INTEGER,
  }
  const outbox = new Outbox(defaultLimits.queueFrames, defaultLimits.queueBytes)
  for (let n = 0; n < 4; n++) expect(outbox.push(append)).toBeUndefined()
  expect([outbox.frames, outbox.dropped]).toEqual([4, 0])
  expect(contents(outbox.take(1))).toEqual([append])
})
