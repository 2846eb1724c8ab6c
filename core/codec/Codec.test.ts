import { readFileSync, writeFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Contact, placeholder } from "../peer/Contact.ts"
import type { Message } from "../peer/Message.ts"
import { type Hash, NO_HASH } from "../replication/Durable.ts"
import { fromBigInt } from "../ring/RingId.ts"
import { decode, encode, encodeTo, isClientMessage, isRingMessage, WIRE_VERSION } from "./Codec.ts"
import { fromHexText, hex, plain } from "./HexText.samples.ts"
import { clientMessages, messages, ringMessages } from "./Message.arbitrary.ts"
import { samples } from "./Message.samples.ts"
import { Writer } from "./Writer.ts"

const nothing = { prev: { length: 0, head: NO_HASH }, start: 0, length: 0 }
const sequence = (length: number): Uint8Array => Uint8Array.from({ length }, (_, n) => n)

test("what is decoded is what was encoded", () => {
  fc.assert(
    fc.property(messages, (message) => {
      expect(decode(encode(message))).toEqual(message)
    }),
  )
})

test("messages one behind another in a buffer do not disturb each other", () => {
  fc.assert(
    fc.property(fc.array(messages, { maxLength: 5 }), fc.nat(3), (list, room) => {
      const writer = new Writer(room)
      const ends = list.map((message) => {
        encodeTo(writer, message)
        return writer.at
      })
      const back = ends.map((end, i) => decode(writer.bytes, ends[i - 1] ?? 0, end))
      expect(back).toEqual(list)
    }),
  )
})

test("messages of the ring and of clients are told apart", () => {
  fc.assert(
    fc.property(ringMessages, clientMessages, (ring, client) => {
      expect([isRingMessage(ring), isClientMessage(ring)]).toEqual([true, false])
      expect([isRingMessage(client), isClientMessage(client)]).toEqual([false, true])
    }),
  )
})

/** Each message has one encoding: bytes are either refused with a place in them, or what encoding the answer gives. */
const accountedFor = (bytes: Uint8Array): boolean => {
  const result = decode(bytes)
  return result.type === "Problem"
    ? result.problem !== "" && result.offset >= 0 && result.offset <= bytes.length
    : hex(encode(result)) === hex(bytes)
}

describe("any bytes give a message or a problem", () => {
  const tagged = fc
    .tuple(fc.integer({ min: 1, max: 70 }), fc.uint8Array({ maxLength: 80 }))
    .map(([tag, rest]) => Uint8Array.from([tag, ...rest]))

  test("random ones", () => {
    fc.assert(
      fc.property(fc.oneof(tagged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        expect(accountedFor(bytes)).toBe(true)
      }),
      { numRuns: 4_000 },
    )
  })

  test("messages with one byte changed, taken out or put in", () => {
    fc.assert(
      fc.property(messages, fc.nat(), fc.nat(255), fc.nat(2), (message, at, byte, how) => {
        const bytes = [...encode(message)]
        bytes.splice(at % bytes.length, how === 2 ? 0 : 1, ...(how === 1 ? [] : [byte]))
        expect(accountedFor(Uint8Array.from(bytes))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test("wherever in a buffer they are, the same one", () => {
    fc.assert(
      fc.property(fc.oneof(tagged, messages.map(encode)), fc.nat(9), fc.nat(9), (bytes, before, after) => {
        const buffer = Uint8Array.from([...Array(before).fill(7), ...bytes, ...Array(after).fill(7)])
        expect(decode(buffer, before, before + bytes.length)).toEqual(decode(bytes))
      }),
    )
  })

  test("messages cut short, at every length", () => {
    for (const message of samples) {
      const bytes = encode(message)
      for (let length = 0; length < bytes.length; length++) {
        const result = decode(bytes.subarray(0, length))
        expect(result).toMatchObject({ type: "Problem" })
      }
    }
  })
})

describe("what is refused, and where", () => {
  const peer = samples.find((message) => message.type === "Join")?.joiner ?? placeholder(fromBigInt(0n))
  const retire = [...encode({ type: "Retire", cell: 0, epoch: 0, view: [peer] })]
  const twice = Uint8Array.from([...retire.slice(0, 3), 2, ...retire.slice(4), ...retire.slice(4)])
  /** [field, bytes, offset, words of the problem] */
  const cases: ReadonlyArray<readonly [string, Uint8Array, number, RegExp]> = [
    ["nothing at all", Uint8Array.of(), 0, /type: the bytes end here/],
    ["an unknown type", Uint8Array.of(0), 0, /type: no message/],
    ["bytes after the end", Uint8Array.of(1, 7), 1, /ends before this byte/],
    ["a number in a longer form than needed", Uint8Array.of(5, 0x81, 0), 1, /op: not in its shortest form/],
    ["a number beyond 2^53 - 1", Uint8Array.of(5, ...Array.from({ length: 8 }, () => 255)), 1, /op: larger/],
    ["a number without end", Uint8Array.of(5, ...Array.from({ length: 30 }, () => 128)), 1, /op: longer/],
    [
      "a truth value of 2",
      fromHexText(`40 01 ${"00".repeat(20)} 02`.replaceAll(" ", "")),
      22,
      /trace: must be 0 or 1/,
    ],
    ["17 successors", Uint8Array.of(4, 17), 1, /number of successors: larger than 16/],
    [
      "a path longer than its bytes",
      Uint8Array.of(65, 1, 0, 0, 200, 1, 1, 65),
      6,
      /path: more than the bytes/,
    ],
    ["a text that is not UTF-8", Uint8Array.of(67, 1, 2, 0xc3, 0x28), 2, /json: not UTF-8/],
    ["a text beyond the end", Uint8Array.of(67, 1, 9, 65), 2, /json: 9 bytes long, and only 1 /],
    ["an overlong form of UTF-8", Uint8Array.of(67, 1, 2, 0xc0, 0x80), 2, /json: not UTF-8/],
    ["a placeholder that joins", fromHexText(`03${"00".repeat(20)}000104`), 1, /joiner: a placeholder/],
    ["a lookup of 0 hops", encode({ type: "Join", joiner: peer, hops: 0, budget: 3 }), 58, /hops: must be 1/],
    ["a view of nobody", Uint8Array.of(26, 0, 0, 0), 3, /view: must have a member/],
    ["a view of 10", Uint8Array.of(26, 0, 0, 10), 3, /view: larger than 9/],
    ["a member twice", twice, 3 + (twice.length - 4) / 2 + 1, /view: a member twice/],
    [
      "a log of one entry without its head",
      Uint8Array.of(30, 0, 0, 1, 7),
      5,
      /log: the bytes end before its 32 bytes do/,
    ],
    [
      "more items than there is room for",
      Uint8Array.of(28, 0, 0, 0, 9, 1, 7, 1, 7),
      4,
      /number of items: more than the bytes/,
    ],
    [
      "an entry beyond the end",
      Uint8Array.of(28, 0, 0, 0, 1, 9, 7, 0),
      6,
      /item: 9 bytes long, and only 2 are left/,
    ],
    ["a cell beyond 2^20", Uint8Array.of(31, 0x80, 0x80, 0x40, 0), 1, /cell: larger than 1048575/],
    ["a client without name", Uint8Array.of(69, 1, 0, 0), 2, /client: must be 1 to 256 bytes/],
    [
      "a client's name of 257 bytes",
      Uint8Array.of(69, 1, 0x81, 2, ...Array(257).fill(65), 0),
      2,
      /client: must be 1 to 256/,
    ],
    [
      "an incarnation beyond 32 bits",
      encode({ type: "Join", joiner: { ...peer, incarnation: 2 ** 32 }, hops: 1, budget: 3 }),
      21,
      /incarnation: larger/,
    ],
    [
      "a name with a blank",
      encode({ type: "Join", joiner: { ...peer, name: "a b" }, hops: 1, budget: 3 }),
      22,
      /name: must be/,
    ],
    [
      "a name of 65",
      encode({ type: "Join", joiner: { ...peer, name: "a".repeat(65) }, hops: 1, budget: 3 }),
      22,
      /name: must be/,
    ],
    [
      "an address without port",
      encode({ type: "Join", joiner: { ...peer, http: "localhost" }, hops: 1, budget: 3 }),
      42,
      /http: must be host:port/,
    ],
  ]
  test.each(cases)("%s", (_, bytes, offset, words) => {
    const result = decode(bytes)
    expect(result).toMatchObject({ type: "Problem", offset, problem: expect.stringMatching(words) })
  })

  test("a contact that was written is still checked when it is read", () => {
    const odd = { ...peer, name: "not a name" }
    const bytes = encode({ type: "Join", joiner: odd, hops: 1, budget: 3 })
    expect(decode(bytes)).toMatchObject({ type: "Problem" })
    expect(decode(bytes)).toMatchObject({ type: "Problem" })
  })
})

test("an entry that was decoded does not change with the buffer that it came in", () => {
  const message: Message = { type: "Pulled", cell: 1, epoch: 2, ...nothing, items: [{ bytes: sequence(99) }] }
  const bytes = encode(message)
  const decoded = decode(bytes)
  bytes.fill(0)
  expect(decoded).toEqual(message)
})

const incarnationOf = (incarnation: number): Contact => ({
  id: fromBigInt(7n),
  incarnation,
  name: "p",
  ring: "p:1",
  http: "p:2",
})

test("what could not be decoded is not encoded", () => {
  const nobody = placeholder(fromBigInt(5n))
  const wrong: ReadonlyArray<Message> = [
    { type: "StateQuery", op: -1 },
    { type: "StateQuery", op: 0.5 },
    { type: "StateQuery", op: 2 ** 53 },
    { type: "Join", joiner: nobody, hops: 1, budget: 1 },
    { type: "JoinReply", successors: Array.from({ length: 17 }, () => nobody) },
    { type: "ViewQuery", cell: 2 ** 20, epoch: 0 },
    { type: "Retire", cell: 0, epoch: 0, view: [] },
    { type: "Retire", cell: 0, epoch: 0, view: [nobody] },
    { type: "Retire", cell: 0, epoch: 0, view: Array.from({ length: 10 }, (_, n) => incarnationOf(n + 1)) },
    { type: "Retire", cell: 0, epoch: 0, view: [incarnationOf(1), incarnationOf(1)] },
    { type: "Learned", cell: 0, epoch: 0, log: { length: 0, head: "1".repeat(64) as Hash } },
    { type: "Pulled", cell: 0, epoch: 0, ...nothing, items: [{ bytes: new Uint8Array(0) }] },
    { type: "Session", token: 1, client: "", action: "show" },
    { type: "Session", token: 1, client: "\u{1f44b}".repeat(65), action: "show" },
  ]
  for (const message of wrong) expect(() => encode(message)).toThrow(/cannot encode/)
})

// Changed on purpose? Raise WIRE_VERSION, then write the new bytes with the command in the test's name.
describe("golden bytes (a new version? RINGSTEAD_GOLDEN=write npx vitest run core/codec)", () => {
  const file = new URL("golden.json", import.meta.url)
  const current = {
    version: WIRE_VERSION,
    messages: samples.map((message) => ({ message: plain(message), hex: hex(encode(message)) })),
  }
  if (process.env["RINGSTEAD_GOLDEN"] === "write")
    writeFileSync(file, `${JSON.stringify(current, undefined, 1)}\n`)
  const golden = JSON.parse(readFileSync(file, "utf8")) as typeof current

  test("the format is that of this version", () => {
    expect(current).toEqual(golden)
  })

  test("old bytes are still read", () => {
    for (const one of golden.messages) expect(plain(decode(fromHexText(one.hex)))).toEqual(one.message)
  })

  test("every kind of message is among them", () => {
    const seen = new Set(samples.map((message) => message.type))
    fc.assert(
      fc.property(messages, (message) => {
        expect(seen).toContain(message.type)
      }),
    )
  })
})
