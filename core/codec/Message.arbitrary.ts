import fc from "fast-check"
import { type Contact, placeholder } from "../peer/Contact.ts"
import type { ClientMessage, Message, RingMessage } from "../peer/Message.ts"
import { fromBigInt, type RingId, SIZE } from "../ring/RingId.ts"

/** Arbitrary messages for property tests, here and in whatever carries messages. Everything that the codec allows. */

export const ringIds: fc.Arbitrary<RingId> = fc
  .oneof(fc.bigInt({ min: 0n, max: SIZE - 1n }), fc.constantFrom(0n, 1n, SIZE - 1n, SIZE / 2n))
  .map(fromBigInt)

const characters = (set: string) => fc.constantFrom(...set.split(""))

/** Names of peers and clusters. */
export const names: fc.Arbitrary<string> = fc.string({
  unit: characters("ABCXYZabcxyz0189._-"),
  minLength: 1,
  maxLength: 64,
})

/** `host:port`. */
export const addresses: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      fc.ipV4(),
      fc.ipV6().map((ip) => `[${ip.replace(/:[^:]*\..*$/, ":1")}]`),
      fc.string({ unit: characters("abz09.-"), minLength: 1, maxLength: 40 }),
    ),
    fc.integer({ min: 1, max: 65_535 }),
  )
  .map(([host, port]) => `${host}:${port}`)

/** Contacts of real peers. */
export const peers: fc.Arbitrary<Contact> = fc.record({
  id: ringIds,
  incarnation: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 32 - 1 })),
  name: names,
  ring: addresses,
  http: addresses,
})

/** Contacts of real peers, and placeholders. */
export const contacts: fc.Arbitrary<Contact> = fc.oneof(
  { weight: 4, arbitrary: peers },
  { weight: 1, arbitrary: ringIds.map(placeholder) },
)

const successors = fc.array(contacts, { maxLength: 16 })
const counts = fc.oneof(fc.nat(130), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
const hops = fc.oneof(fc.integer({ min: 1, max: 130 }), fc.integer({ min: 1, max: 2 ** 32 - 1 }))
const numbers = fc.oneof(fc.nat(300), fc.maxSafeNat())
const paths = fc.array(names, { maxLength: 12 })
const type = <T extends Message["type"]>(name: T) => fc.constant(name)

export const ringMessages: fc.Arbitrary<RingMessage> = fc.oneof(
  fc.record({ type: fc.constantFrom("Ping", "Pong", "Notify", "Leaving") }),
  fc.record({ type: type("Join"), joiner: peers, hops, budget: counts }),
  fc.record({ type: type("JoinReply"), successors }),
  fc.record({ type: type("StateQuery"), op: numbers }),
  fc.record({
    type: type("StateReply"),
    op: numbers,
    member: fc.constant(true),
    successors,
    predecessor: peers,
  }),
  fc.record({
    type: type("StateReply"),
    op: numbers,
    member: fc.constant(false),
    successors,
    predecessor: contacts,
  }),
  fc.record({ type: type("FingerQuery"), index: counts }),
  fc.record({ type: type("FingerReply"), index: counts, finger: fc.option(peers) }),
  fc.record({
    type: type("Lookup"),
    token: numbers,
    asker: peers,
    key: ringIds,
    hops,
    budget: counts,
    final: fc.boolean(),
    path: paths,
    trace: fc.boolean(),
  }),
  fc.record({ type: type("LookupReply"), token: numbers, owner: peers, hops: counts, path: paths }),
)

export const clientMessages: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({ type: type("Find"), token: numbers, key: ringIds, trace: fc.boolean() }),
  fc.record({ type: type("Found"), token: numbers, owner: fc.option(peers), hops: counts, path: paths }),
  fc.record({ type: fc.constantFrom("Inspect", "Leave"), token: numbers }),
  fc.record({
    type: type("Inspected"),
    token: numbers,
    json: fc.oneof(fc.json(), fc.string({ unit: "binary", maxLength: 300 })),
  }),
)

export const messages: fc.Arbitrary<Message> = fc.oneof(ringMessages, clientMessages)
