import { expect, test } from "vitest"
import type { Happening } from "../Happening.ts"
import { History } from "../History.ts"
import type { Item, Log, Proposal, Record, Replica } from "../Replica.ts"
import { answerOf, type EntryFact } from "../Service.ts"
import { acceptedIsHeld } from "./AcceptedIsHeld.ts"
import { basesHoldCommitted } from "./BasesHoldCommitted.ts"
import { chainOfViews } from "./ChainOfViews.ts"
import { chainVerifies } from "./ChainVerifies.ts"
import type { Claim } from "./Claim.ts"
import { committedStays } from "./CommittedStays.ts"
import { effectsOnce } from "./EffectsOnce.ts"
import { inClientsOrder } from "./InClientsOrder.ts"
import { logsOfOneEpoch } from "./LogsOfOneEpoch.ts"
import { majorityCommits } from "./MajorityCommits.ts"
import { oneViewPerEpoch } from "./OneViewPerEpoch.ts"
import { readsSeeCommitted } from "./ReadsSeeCommitted.ts"
import { responsesAreCommitted } from "./ResponsesAreCommitted.ts"
import { sealedStandsStill } from "./SealedStandsStill.ts"

// Entries here are texts, "ada 1>ada: 1" for request 1 of ada and its answer, "ada" for the end of her session; the
// digest of a text is the text, and a head is all digests so far.

const utf8 = new TextEncoder()
const text = new TextDecoder()

const read = (bytes: Uint8Array): EntryFact => {
  const [head = "", response] = text.decode(bytes).split(">")
  const [client = "", id = ""] = head.split(" ")
  return response === undefined
    ? { type: "expire", client }
    : { type: "request", client, id, replay: "compare", request: id, response }
}

const hashes = {
  digest: (bytes: Uint8Array): string => text.decode(bytes),
  head: (before: string, digest: string): string => `${before}/${digest}`,
}

const log = (...entries: ReadonlyArray<string>): Log => {
  const shared: Array<Item> = []
  let head = ""
  for (const entry of entries) {
    head = hashes.head(head, entry)
    shared.push({ digest: entry, head, bytes: utf8.encode(entry) })
  }
  return { start: { length: 0, head: "" }, shared, length: shared.length, head }
}

const markOf = ({ length, head }: Log) => ({ length, head })

const view = ["a#1", "b#1", "c#1"]
const genesis: Proposal = { members: view, base: markOf(log()) }
const zero: Record = {
  role: "member",
  epoch: 0,
  view,
  base: markOf(log()),
  ballot: null,
  accepted: null,
}

const A1 = "ada 1>ada: 1"
const A2 = "ada 2>ada: 1 2"
const B1 = "bob 1>bob: 1"

const stored = (member: string, held: Log, record: Partial<Record> = {}): Happening => ({
  type: "stored",
  member,
  stored: { record: { ...zero, ...record }, log: held },
})

const replica = (held: Log, commit: number, record: Partial<Record> = {}): Replica => ({
  record: { ...zero, ...record },
  log: held,
  commit,
})

const steps = (
  member: string,
  before: Replica | null,
  after: Replica | null,
  more: Partial<Happening & { readonly type: "step" }> = {},
): Happening => ({ type: "step", member, cause: "Append", before, after, acks: [], ...more })

/** A and B have stored the log. */
const committed = (held: Log): ReadonlyArray<Happening> => [stored("a#1", held), stored("b#1", held)]

const to = (members: ReadonlyArray<string>, base: Log): Proposal => ({ members, base: markOf(base) })

/** A and B, which hold the log, have accepted, at one ballot. */
const chosen = (proposal: Proposal, held: Log, ballot = "1/b/1"): ReadonlyArray<Happening> =>
  ["a#1", "b#1"].flatMap((member): ReadonlyArray<Happening> => {
    const record = { ...zero, ballot, accepted: { ballot, proposal } }
    return [stored(member, held, record), { type: "recorded", member, record }]
  })

/** What the claim says of the last happening, and that it said nothing of those before. */
const judge = (claim: Claim, happenings: ReadonlyArray<Happening>): string | undefined => {
  const history = new History(genesis, read)
  const problems = happenings.map((happening) => {
    history.record(happening)
    return claim(happening, history)
  })
  expect(problems.slice(0, -1).filter((problem) => problem !== undefined)).toEqual([])
  return problems.at(-1)
}

/** A takes the first entry for committed. */
const took = steps("a#1", replica(log(A1), 0), replica(log(A1), 1))

const next = to(["b#1", "c#1", "d#1"], log(A1))
const one: Partial<Record> = { epoch: 1, view: next.members, base: next.base }

const broken: ReadonlyArray<readonly [string, () => Claim, ReadonlyArray<Happening>, string]> = [
  [
    "I1 on disks",
    logsOfOneEpoch,
    [stored("a#1", log(A1, A2)), stored("b#1", log(B1))],
    "b#1 has another log of epoch 0 at 1",
  ],
  [
    "I1 in memory",
    logsOfOneEpoch,
    [stored("a#1", log(A1)), steps("b#1", null, replica(log(B1, A1), 0))],
    "b#1 has another log of epoch 0 at 1",
  ],
  [
    "I2 by choice",
    oneViewPerEpoch,
    [...chosen(next, log(A1)), ...chosen(to(["c#1"], log(A1)), log(A1), "2/c/1")],
    "two views were chosen for epoch 1: b#1, c#1, d#1 from 1:/ada 1>a; and c#1 from 1:/ada 1>a",
  ],
  [
    "I2 as installed",
    oneViewPerEpoch,
    [stored("d#1", log(A1), one), stored("c#1", log(A1), { ...one, view: ["c#1"] })],
    "two views of epoch 1: b#1, c#1, d#1 from 1:/ada 1>a; and c#1 from 1:/ada 1>a",
  ],
  [
    "I3 too short a base",
    basesHoldCommitted,
    [...committed(log(A1, A2)), ...chosen(next, log(A1))],
    "the base of epoch 1 has 1 entries, and 2 were committed before",
  ],
  [
    "I3 committed too late",
    basesHoldCommitted,
    [stored("a#1", log(A1, A2)), ...chosen(next, log(A1)), stored("b#1", log(A1, A2))],
    "the base of epoch 1 has 1 entries, and 2 were committed before",
  ],
  [
    "I3 a base that nobody had",
    basesHoldCommitted,
    chosen(to(view, log(B1)), log(A1)),
    "the base of epoch 1, 1 long, is no log of epoch 0",
  ],
  [
    "I4 changed",
    committedStays,
    [...committed(log(A1)), stored("c#1", log(B1), one)],
    "c#1 has another entry 0 than was committed",
  ],
  [
    "I4 changed in memory",
    committedStays,
    [...committed(log(A1)), steps("c#1", null, replica(log(B1), 1))],
    "c#1 has another entry 0 than was committed",
  ],
  ["I4 twice", committedStays, committed(log(A1, B1, A1)), "request 1 of ada was committed twice"],
  [
    "I5 by the leader alone",
    majorityCommits,
    [stored("a#1", log(A1)), stored("b#1", log()), took],
    "a#1 takes 1 entries for committed in epoch 0, which only a#1 of a#1, b#1, c#1 stored",
  ],
  [
    "I5 with one that was sealed",
    majorityCommits,
    [stored("a#1", log(A1)), stored("b#1", log(A1), { ballot: "1/b/1" }), took],
    "a#1 takes 1 entries for committed in epoch 0, which only a#1 of a#1, b#1, c#1 stored",
  ],
  [
    "I6 appends",
    sealedStandsStill,
    [steps("a#1", replica(log(), 0, { ballot: "1/b/1" }), replica(log(A1), 0, { ballot: "1/b/1" }))],
    "a#1 is sealed in epoch 0, and appended on Append",
  ],
  [
    "I6 acknowledges",
    sealedStandsStill,
    [
      steps("a#1", replica(log(), 0, { ballot: "1/b/1" }), replica(log(), 0, { ballot: "1/b/1" }), {
        acks: [{ epoch: 0, length: 0 }],
      }),
    ],
    "a#1 is sealed in epoch 0, and acknowledged 0 entries",
  ],
  [
    "I6 forgets",
    sealedStandsStill,
    [steps("a#1", replica(log(), 0, { ballot: "1/b/1" }), replica(log(), 0))],
    "a#1 was sealed in epoch 0, and is no more",
  ],
  [
    "I7 stale",
    readsSeeCommitted,
    [
      ...committed(log(A1, A2)),
      { type: "asked", token: 7, client: "ada" },
      { type: "looked", token: 7, shown: ["1"], length: 2 },
    ],
    "a read of ada does not show 2, which was committed when it began",
  ],
  [
    "I7 early",
    readsSeeCommitted,
    [
      ...committed(log(A1)),
      { type: "asked", token: 7, client: "ada" },
      { type: "looked", token: 7, shown: ["1", "2"], length: 1 },
    ],
    "a read of ada shows 2, which is not committed",
  ],
  [
    "I7 too soon",
    readsSeeCommitted,
    [
      ...committed(log(A1)),
      { type: "asked", token: 7, client: "ada" },
      { type: "looked", token: 7, shown: ["1"], length: 2 },
    ],
    "a read of ada was answered when 1 of 2 entries were committed",
  ],
  [
    "I8 a wrong digest",
    () => chainVerifies(hashes),
    [stored("a#1", { ...log(A1), shared: [{ digest: A1, head: `/${A1}`, bytes: utf8.encode(A2) }] })],
    "a#1: entry 0 has another digest than its bytes",
  ],
  [
    "I8 a broken chain",
    () => chainVerifies(hashes),
    [stored("a#1", { ...log(A1, A2), shared: [...log(A1).shared, ...log(A2).shared] })],
    "a#1: the chain breaks at entry 1",
  ],
  [
    "I8 a wrong head",
    () => chainVerifies(hashes),
    [stored("a#1", { ...log(A1), head: "x" })],
    "a#1: the head is not that of entry 0",
  ],
  [
    "I9 from nowhere",
    chainOfViews,
    [steps("b#1", null, replica(log(A1), 1, one))],
    "b#1 installed epoch 1, which no majority of epoch 0 has decided",
  ],
  [
    "I9 another than decided",
    chainOfViews,
    [...chosen(next, log(A1)), steps("b#1", null, replica(log(A1), 1, { ...one, view: ["c#1", "b#1"] }))],
    "b#1 installed c#1, b#1 from 1:/ada 1>a as epoch 1; decided was b#1, c#1, d#1 from 1:/ada 1>a",
  ],
  [
    "I9 a stranger",
    chainOfViews,
    [...chosen(next, log(A1)), steps("a#1", null, replica(log(A1), 1, one))],
    "a#1 is no member of its own view b#1, c#1, d#1",
  ],
  [
    "I10 too early",
    responsesAreCommitted,
    [stored("a#1", log(A1)), { type: "answered", client: "ada", id: "1", entry: 0, response: "ada: 1" }],
    "the answer to 1 of ada left before entry 0 was committed",
  ],
  [
    "I10 another's",
    responsesAreCommitted,
    [...committed(log(B1)), { type: "answered", client: "ada", id: "1", entry: 0, response: "ada: 1" }],
    "the answer to 1 of ada is said to be in entry 0, which is another's",
  ],
  [
    "I10 another answer",
    responsesAreCommitted,
    [...committed(log(A1)), { type: "answered", client: "ada", id: "1", entry: 0, response: "ada: 1 1" }],
    "the answer to 1 of ada is not the one in entry 0",
  ],
  [
    "accepted without the log",
    acceptedIsHeld,
    [stored("a#1", log(B1), { ballot: "1/b/1", accepted: { ballot: "1/b/1", proposal: next } })],
    "a#1 accepted a view that begins with 1 entries, and holds 1, or others",
  ],
  [
    "an effect lost",
    effectsOnce,
    committed(log(A1, "ada 2>ada: 2")),
    '2 was answered "ada: 2", due was "ada: 1 2"',
  ],
  [
    "out of order",
    inClientsOrder,
    [
      { type: "answered", client: "ada", id: "1", entry: 4, response: "" },
      { type: "answered", client: "ada", id: "2", entry: 3, response: "" },
    ],
    "2 of ada stands in entry 3, before what was answered before it was asked",
  ],
  [
    "in two places",
    inClientsOrder,
    [
      { type: "answered", client: "ada", id: "1", entry: 4, response: "" },
      { type: "answered", client: "ada", id: "1", entry: 5, response: "" },
    ],
    "1 of ada stands in entry 4, and in 5",
  ],
]

test.each(broken)("%s: a history that breaks it", (_, claim, happenings, problem) => {
  expect(judge(claim(), happenings)).toBe(problem)
})

/** A session, a crash of A with a change of view, a read, the end of the session and its next beginning. */
const fine = (): ReadonlyArray<Happening> => {
  const long = log(A1, A2, "ada", "ada 3>ada: 3")
  return [
    ...committed(log(A1)),
    { type: "answered", client: "ada", id: "1", entry: 0, response: "ada: 1" },
    ...chosen(next, log(A1)),
    steps("b#1", replica(log(A1), 0), replica(log(A1), 1, one)),
    stored("b#1", log(A1), one),
    stored("d#1", log(A1), one),
    steps("a#1", replica(log(A1), 1), replica(log(A1), 1, { role: "former" })),
    stored("b#1", log(A1, A2), one),
    stored("d#1", log(A1, A2), one),
    steps("b#1", replica(log(A1, A2), 1, one), replica(log(A1, A2), 2, one)),
    { type: "answered", client: "ada", id: "2", entry: 1, response: answerOf("ada", ["1", "2"]) },
    { type: "asked", token: 1, client: "ada" },
    { type: "looked", token: 1, shown: ["1", "2"], length: 2 },
    stored("b#1", long, one),
    stored("d#1", long, one),
    steps("b#1", replica(log(A1, A2), 2, one), replica(long, 4, one)),
    { type: "answered", client: "ada", id: "1", entry: 0, response: "ada: 1" },
    { type: "answered", client: "ada", id: "3", entry: 3, response: "ada: 3" },
  ]
}

test("a history without fault breaks none of them", () => {
  for (const [, claim] of broken) expect(judge(claim(), fine())).toBeUndefined()
})
