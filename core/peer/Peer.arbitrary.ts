import fc from "fast-check"
import type { Contact } from "./Contact.ts"
import type { Event } from "./Event.ts"
import type { RingMessage } from "./Message.ts"
import { nobody, peer } from "./Peer.samples.ts"

/**
 * Arbitrary events for a peer of a ring so small that everything collides: ids from 0 to 9, op and token numbers
 * from 0 to 6. Lists are L = 3 long most of the time.
 */

const ids = fc.nat(9)
const peers: fc.Arbitrary<Contact> = fc
  .tuple(ids, fc.constantFrom(1, 1, 1, 2))
  .map(([id, incarnation]) => peer(id, incarnation))
const contacts = fc.oneof({ weight: 5, arbitrary: peers }, { weight: 1, arbitrary: ids.map(nobody) })
const list = fc.oneof(
  { weight: 9, arbitrary: fc.array(contacts, { minLength: 3, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(contacts, { maxLength: 5 }) },
)
const numbers = fc.nat(6)
const keys = ids.map((id) => peer(id).id)
const names = fc.array(fc.constantFrom("p0", "p9"), { maxLength: 3 })
const type = <T extends RingMessage["type"]>(name: T) => fc.constant(name)

/** Any message that the codec lets through, of such a ring. */
export const smallMessages: fc.Arbitrary<RingMessage> = fc.oneof(
  fc.record({ type: fc.constantFrom("Ping", "Pong", "Notify", "Leaving") }),
  fc.record({ type: type("Join"), joiner: peers, hops: numbers, budget: numbers }),
  fc.record({ type: type("JoinReply"), successors: list }),
  fc.record({ type: type("StateQuery"), op: numbers }),
  fc.record({
    type: type("StateReply"),
    op: numbers,
    member: fc.boolean(),
    successors: list,
    predecessor: peers,
  }),
  fc.record({ type: type("FingerQuery"), index: numbers }),
  fc.record({ type: type("FingerReply"), index: numbers, finger: fc.option(peers) }),
  fc.record({
    type: type("Lookup"),
    token: numbers,
    asker: peers,
    key: keys,
    hops: fc.oneof(numbers, fc.constant(5000)),
    budget: numbers,
    final: fc.boolean(),
    path: names,
    trace: fc.boolean(),
  }),
  fc.record({ type: type("LookupReply"), token: numbers, owner: peers, hops: numbers, path: names }),
)

/** Anything that can happen to a running peer, apart from `find`, which somebody must count. */
export const smallEvents: fc.Arbitrary<Event> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: fc.constant("message"), from: peers, message: smallMessages }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("tick"), lateMs: fc.constantFrom(0, 0, 0, 150) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("suspect"), peer: contacts }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("seed"), peer: peers }) },
)
