import fc from "fast-check"
import { type Contact, placeholder } from "../peer/Contact.ts"
import type { ClientMessage, Message, RingMessage } from "../peer/Message.ts"
import type { Ballot } from "../replication/Ballot.ts"
import { type Hash, type LogMark, NO_HASH, type Proposal } from "../replication/Durable.ts"
import type { ReplicaMessage, Round, SentItem } from "../replication/ReplicaMessage.ts"
import type { View } from "../replication/View.ts"
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

export const hashes: fc.Arbitrary<Hash> = fc.oneof(
  fc.constant(NO_HASH),
  fc.string({ unit: characters("0123456789abcdef"), minLength: 64, maxLength: 64 }).map((hex) => hex as Hash),
)

/** Names of clients. */
export const clients: fc.Arbitrary<string> = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 64 }).map((text) => text.toWellFormed()),
  fc.constantFrom("a".repeat(127), "b".repeat(128), "c".repeat(256), "\u{1f44b}".repeat(64)),
)

const successors = fc.array(contacts, { maxLength: 16 })
const counts = fc.oneof(fc.nat(130), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
const hops = fc.oneof(fc.integer({ min: 1, max: 130 }), fc.integer({ min: 1, max: 2 ** 32 - 1 }))
const numbers = fc.oneof(fc.nat(300), fc.maxSafeNat())
const paths = fc.array(names, { maxLength: 12 })
const type = <T extends Message["type"]>(name: T) => fc.constant(name)

const rounds: fc.Arbitrary<Round> = fc.record({ boot: numbers, n: numbers })
const ballots: fc.Arbitrary<Ballot> = fc.record({ counter: numbers, id: ringIds, boot: numbers })
const views: fc.Arbitrary<View> = fc.uniqueArray(peers, {
  minLength: 1,
  maxLength: 9,
  selector: ({ id, incarnation }) => `${id} ${incarnation}`,
})
const marks: fc.Arbitrary<LogMark> = fc
  .tuple(numbers, hashes)
  .map(([length, head]) => ({ length, head: length === 0 ? NO_HASH : head }))
const proposals: fc.Arbitrary<Proposal> = fc.record({ members: views, base: marks, old: views })
const items: fc.Arbitrary<ReadonlyArray<SentItem>> = fc.array(
  fc.oneof(
    fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }) }),
    fc.record({ digest: hashes }),
  ),
  { maxLength: 5 },
)
const place = {
  cell: fc.oneof(fc.nat(127), fc.nat(2 ** 20 - 1)),
  epoch: numbers,
}

export const replicaMessages: fc.Arbitrary<ReplicaMessage> = fc.oneof(
  fc.record({ type: type("Append"), ...place, round: rounds, prev: marks, items, commit: numbers }),
  fc.record({
    type: type("AppendAck"),
    ...place,
    round: fc.option(rounds),
    length: numbers,
    warm: fc.boolean(),
  }),
  fc.record({ type: type("AppendNack"), ...place, length: numbers }),
  fc.record({ type: fc.constantFrom("Sealed", "Prepare", "Refuse", "Accepted"), ...place, ballot: ballots }),
  fc.record({
    type: type("Promise"),
    ...place,
    ballot: ballots,
    accepted: fc.option(fc.record({ ballot: ballots, proposal: proposals })),
    log: marks,
    leaving: fc.boolean(),
  }),
  fc.record({ type: type("Accept"), ...place, ballot: ballots, proposal: proposals }),
  fc.record({ type: type("Install"), ...place, proposal: proposals }),
  fc.record({ type: type("Retire"), ...place, view: views }),
  fc.record({ type: type("Pull"), ...place, have: marks }),
  fc.record({ type: type("Pulled"), ...place, prev: marks, items, start: numbers, length: numbers }),
  fc.record({ type: type("Learn"), ...place, view: views, log: marks }),
  fc.record({ type: type("Learned"), ...place, log: marks }),
  fc.record({ type: type("ViewQuery"), ...place }),
)

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
  { weight: 8, arbitrary: replicaMessages },
)

export const clientMessages: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({ type: type("Find"), token: numbers, key: ringIds, trace: fc.boolean() }),
  fc.record({ type: type("Found"), token: numbers, owner: fc.option(peers), hops: counts, path: paths }),
  fc.record({ type: fc.constantFrom("Inspect", "Leave"), token: numbers }),
  fc.record({
    type: type("Session"),
    token: numbers,
    client: clients,
    action: fc.constantFrom("show", "reset"),
  }),
  fc.record({
    type: fc.constantFrom("Inspected", "SessionShown"),
    token: numbers,
    json: fc.oneof(fc.json(), fc.string({ unit: "binary", maxLength: 300 })),
  }),
)

export const messages: fc.Arbitrary<Message> = fc.oneof(ringMessages, clientMessages)
