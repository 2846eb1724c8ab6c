import { type Contact, placeholder } from "../peer/Contact.ts"
import type { Message } from "../peer/Message.ts"
import { fromBigInt, SIZE } from "../ring/RingId.ts"
import { decode, encode, encodeTo } from "./Codec.ts"
import { Writer } from "./Writer.ts"

const peer = (n: number): Contact => ({
  id: fromBigInt((SIZE / 97n) * BigInt(n * 31)),
  incarnation: 1 + (n % 3),
  name: `p${n}`,
  ring: `127.0.0.1:${20_000 + 2 * n}`,
  http: `127.0.0.1:${20_001 + 2 * n}`,
})

/** What a ring says while it serves: mostly heartbeats, some state, many lookups and their answers. */
const traffic: ReadonlyArray<Message> = [
  { type: "Ping" },
  { type: "Pong" },
  { type: "StateQuery", op: 812 },
  {
    type: "StateReply",
    op: 812,
    member: true,
    successors: [peer(2), peer(3), peer(4), placeholder(fromBigInt(7n))],
    predecessor: peer(1),
  },
  {
    type: "Lookup",
    token: 70_211,
    asker: peer(5),
    key: fromBigInt(SIZE / 3n),
    hops: 3,
    budget: 11,
    final: false,
    path: [],
    trace: false,
  },
  { type: "LookupReply", token: 70_211, owner: peer(6), hops: 4, path: [] },
]

const asJson = traffic.map((message) => JSON.stringify(message))
const asBytes = traffic.map(encode)

/** As the transport does it: one writer for all that goes out, and no copy. */
const writer = new Writer(1024)
const write = (message: Message): number => {
  writer.at = 0
  encodeTo(writer, message)
  return writer.at
}

/** Keeps results alive, so that no loop is optimised away. */
let sink = 0

/** `n` rounds of one message each, over the traffic in turn. */
const each = (n: number, one: (index: number) => number): void => {
  for (let i = 0, k = 0; i < n; i++, k = k + 1 === traffic.length ? 0 : k + 1) sink += one(k)
}

const message = (index: number): Message => traffic[index] as Message

/** performance.md row 3: a message to bytes and back. */
export const rows = [
  {
    row: 3,
    title: "message codec, both ways",
    goal: { against: "JSON", atMost: 0.45 },
    candidates: [
      {
        name: "JSON",
        run: (n: number): void =>
          each(n, (k) => {
            const text = JSON.stringify(message(k))
            return text.length + (JSON.parse(text) as Message).type.length
          }),
      },
      {
        name: "frames",
        run: (n: number): void =>
          each(n, (k) => {
            const length = write(message(k))
            return length + decode(writer.bytes, 0, length).type.length
          }),
      },
    ],
  },
  {
    row: 3,
    title: "message codec, encoding",
    goal: { against: "JSON", atMost: 0.45 },
    candidates: [
      {
        name: "JSON",
        run: (n: number): void => each(n, (k) => JSON.stringify(message(k)).length),
      },
      { name: "frames", run: (n: number): void => each(n, (k) => write(message(k))) },
    ],
  },
  {
    row: 3,
    title: "message codec, decoding",
    goal: { against: "JSON", atMost: 0.45 },
    candidates: [
      {
        name: "JSON",
        run: (n: number): void => each(n, (k) => (JSON.parse(asJson[k] as string) as Message).type.length),
      },
      {
        name: "frames",
        run: (n: number): void => each(n, (k) => decode(asBytes[k] as Uint8Array).type.length),
      },
    ],
  },
]

/** Read by nobody; exported so that the sum counts as used. */
export const witness = (): number => sink
