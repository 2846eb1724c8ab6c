import { type Contact, placeholder } from "../peer/Contact.ts"
import type { Message } from "../peer/Message.ts"
import { fromHex } from "../ring/RingId.ts"

const ada: Contact = {
  id: fromHex("00112233445566778899aabbccddeeff01234567"),
  incarnation: 1,
  name: "ada",
  ring: "127.0.0.1:24001",
  http: "127.0.0.1:24002",
}

const bob: Contact = {
  id: fromHex("ffffffffffffffffffffffffffffffffffffffff"),
  incarnation: 4_294_967_295,
  name: "Bob-2.east_1",
  ring: "[::1]:1",
  http: "ring.example.org:65535",
}

const nobody = placeholder(fromHex("0000000000000000000000000000000000000001"))
const key = fromHex("8000000000000000000000000000000000000000")

/** One or more of every kind of message: small and large numbers, both truth values, empty and full lists. */
export const samples: ReadonlyArray<Message> = [
  { type: "Ping" },
  { type: "Pong" },
  { type: "Join", joiner: ada, hops: 1, budget: 12 },
  { type: "JoinReply", successors: [ada, bob, nobody] },
  { type: "StateQuery", op: 0 },
  { type: "StateQuery", op: 9_007_199_254_740_991 },
  { type: "StateReply", op: 128, member: true, successors: [bob, nobody], predecessor: ada },
  { type: "StateReply", op: 127, member: false, successors: [], predecessor: nobody },
  { type: "Notify" },
  { type: "FingerQuery", index: 6 },
  { type: "FingerReply", index: 6, finger: bob },
  { type: "FingerReply", index: 300, finger: null },
  {
    type: "Lookup",
    token: 70_000,
    asker: ada,
    key,
    hops: 3,
    budget: 11,
    final: false,
    path: ["ada", "Bob-2.east_1"],
    trace: true,
  },
  { type: "Lookup", token: 1, asker: bob, key, hops: 1, budget: 0, final: true, path: [], trace: false },
  { type: "LookupReply", token: 70_000, owner: bob, hops: 4, path: ["ada"] },
  { type: "Leaving" },
  { type: "Find", token: 1, key, trace: false },
  { type: "Found", token: 1, owner: ada, hops: 2, path: ["ada", "Bob-2.east_1"] },
  { type: "Found", token: 2_147_483_648, owner: null, hops: 0, path: [] },
  { type: "Inspect", token: 2 },
  { type: "Inspected", token: 2, json: '{"name":"ada","said":"gr\u00fc\u00df dich \u{1f44b}"}' },
  { type: "Leave", token: 3 },
]
