import { type Contact, placeholder } from "../peer/Contact.ts"
import type { Message } from "../peer/Message.ts"
import { type Hash, NO_HASH, type Proposal } from "../replication/Durable.ts"
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

const head = "0123456789abcdef".repeat(4) as Hash
const digest = "fedcba9876543210".repeat(4) as Hash
const log = { length: 300, head }
const empty = { length: 0, head: NO_HASH }
const round = { boot: 2, n: 129 }
const ballot = { counter: 1, id: ada.id, boot: 2 }
const fast = { counter: 0, id: bob.id, boot: 300 }
const proposal: Proposal = { members: [ada, bob], base: log, old: [bob] }
const items = [{ bytes: Uint8Array.of(1, 2, 3) }, { digest }]
const at = { cell: 5, epoch: 9 }
const far = { cell: 1_048_575, epoch: 9_007_199_254_740_991 }

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
  { type: "Append", ...at, round, prev: log, items, commit: 299 },
  { type: "Append", ...far, round: { boot: 0, n: 0 }, prev: empty, items: [], commit: 0 },
  { type: "AppendAck", ...at, round, length: 302, warm: true },
  { type: "AppendAck", ...at, round: null, length: 0, warm: false },
  { type: "AppendNack", ...at, length: 128 },
  { type: "Sealed", ...at, ballot },
  { type: "Prepare", ...at, ballot },
  { type: "Promise", ...at, ballot, accepted: null, log: empty, leaving: false },
  { type: "Promise", ...at, ballot, accepted: { ballot: fast, proposal }, log, leaving: true },
  { type: "Refuse", ...at, ballot: fast },
  { type: "Accept", ...at, ballot, proposal },
  { type: "Accepted", ...at, ballot },
  { type: "Install", ...at, proposal: { members: [bob], base: empty, old: [ada, bob] } },
  { type: "Retire", ...at, view: [ada] },
  { type: "Pull", ...at, have: empty },
  { type: "Pulled", ...at, prev: log, items, start: 17, length: 302 },
  { type: "Learn", ...at, view: [ada, bob], log },
  { type: "Learned", ...at, log },
  { type: "ViewQuery", ...at },
  { type: "Find", token: 1, key, trace: false },
  { type: "Found", token: 1, owner: ada, hops: 2, path: ["ada", "Bob-2.east_1"] },
  { type: "Found", token: 2_147_483_648, owner: null, hops: 0, path: [] },
  { type: "Inspect", token: 2 },
  { type: "Inspected", token: 2, json: '{"name":"ada","said":"gr\u00fc\u00df dich \u{1f44b}"}' },
  { type: "Leave", token: 3 },
  { type: "Session", token: 4, client: "gr\u00fc\u00df", action: "show" },
  { type: "Session", token: 5, client: "a".repeat(256), action: "reset" },
  { type: "SessionShown", token: 4, json: "{}" },
]
