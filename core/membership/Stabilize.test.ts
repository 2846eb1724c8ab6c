import { describe, expect, test } from "vitest"
import type { Event } from "../peer/Event.ts"
import type { RingMessage } from "../peer/Message.ts"
import {
  heard,
  member,
  messages,
  named,
  nobody,
  peer,
  sent,
  stateReply,
  take,
  tick,
} from "../peer/Peer.samples.ts"
import type { Operation, PeerState } from "../peer/PeerState.ts"
import { emptyDetector, suspect } from "./Detector.ts"

/** Member 0 with list 4, 8, 12 and predecessor 16. */
const settled = member(0, [4, 8, 12], 16)
const list = ({ state }: { readonly state: PeerState }): ReadonlyArray<string> => named(state.successors)
const reset = (n: number): Event => ({ type: "suspect", peer: peer(n) })
const ask = take(settled, tick)
const op = ask.state.operation?.number ?? -1

/** Member 0 while an operation waits for `target`. */
const waiting = (kind: Operation["kind"], target: number, more: Partial<PeerState> = {}): PeerState => ({
  ...settled,
  operation: { kind, number: 7, target: peer(target), ticks: 0 },
  nextOperation: 8,
  ...more,
})

describe("stabilize", () => {
  test("asks the first successor, under a number of its own each time", () => {
    expect(messages(ask, "StateQuery")).toEqual([{ to: "p4", type: "StateQuery", op }])
    const again = take(ask.state, heard(4, stateReply(op, [8, 12, 16], 0)), tick)
    expect(messages(again, "StateQuery").map((query) => query.op)).toEqual([op + 1])
  })

  test("takes the answer whole, whatever was known of the rest, and notifies", () => {
    const done = take(ask.state, heard(4, stateReply(op, [5, 6, 7], 0)))
    expect(list(done)).toEqual(["p4", "p5", "p6"])
    expect(sent(done)).toEqual(["p4 Notify"])
    expect(done.state.operation).toBeNull()
  })

  test("asks the successor's predecessor when that one is nearer, and adopts its list whole", () => {
    const found = take(ask.state, heard(4, stateReply(op, [8, 12, 16], 2)))
    expect(sent(found)).toEqual(["p2 StateQuery"])
    expect(list(found)).toEqual(["p4", "p8", "p12"])
    const done = take(found.state, heard(2, stateReply(op + 1, [9, 10, 11], 0)))
    expect(list(done)).toEqual(["p2", "p9", "p10"])
    expect(sent(done)).toEqual(["p2 Notify"])
  })

  test("keeps its successor when the nearer one turns out to be no member or dead", () => {
    const found = take(ask.state, heard(4, stateReply(op, [8, 12, 16], 2)))
    const { state } = found
    const refusal = heard(2, {
      type: "StateReply",
      op: op + 1,
      member: false,
      successors: [],
      predecessor: peer(2),
    })
    for (const event of [refusal, reset(2)]) {
      const kept = take(state, event)
      expect(list(kept)).toEqual(["p4", "p8", "p12"])
      expect(sent(kept)).toEqual(["p4 Notify"])
    }
  })

  test("ignores a nearer predecessor that it takes for dead", () => {
    const suspicious = { ...ask.state, detector: suspect(emptyDetector, peer(2), "silent") }
    expect(sent(take(suspicious, heard(4, stateReply(op, [8, 12, 16], 2))))).toEqual(["p4 Notify"])
  })

  test("has one operation under way at a time", () => {
    expect(messages(take(ask.state, tick), "StateQuery")).toEqual([])
    expect(messages(take(waiting("stabilizeFromPredecessor", 2), tick), "StateQuery")).toEqual([])
  })

  test("of a member that is its own successor needs no network", () => {
    const alone = member(0, [0, 0], 0)
    expect(sent(take(alone, tick))).toEqual([])
    const joined = take({ ...alone, predecessor: peer(9) }, tick)
    expect(messages(joined, "StateQuery").map((query) => query.to)).toEqual(["p9"])
  })
})

describe("an answer that does not count", () => {
  const stale: ReadonlyArray<readonly [string, Event]> = [
    ["of an earlier query", heard(4, stateReply(op - 1, [5, 6, 7], 2))],
    ["of a query never made", heard(4, stateReply(op + 1, [5, 6, 7], 2))],
    ["from somebody else", heard(8, stateReply(op, [9, 10, 11], 2))],
  ]
  test.each(stale)("%s changes nothing", (_, event) => {
    const { state, commands } = take(ask.state, event)
    // That the sender is alive is all that is learned.
    expect({ ...state, detector: null }).toEqual({ ...ask.state, detector: null })
    expect(commands).toEqual([])
  })

  test("that comes a second time changes nothing", () => {
    const answer = heard(4, stateReply(op, [5, 6, 7], 0))
    const once = take(ask.state, answer)
    const twice = take(once.state, answer)
    expect(twice.state).toEqual(once.state)
    expect(twice.commands).toEqual([])
  })

  test("because it is no member's, or its list is not L long, is as good as none", () => {
    const refusal = { ...stateReply(op, [5, 6, 7], 2), member: false } as RingMessage
    for (const event of [
      heard(4, { type: "StateReply", op, member: false, successors: [], predecessor: peer(4) }),
      heard(4, refusal),
      heard(4, stateReply(op, [5, 6], 2)),
      heard(4, stateReply(op, [5, 6, 7, 8], 2)),
    ]) {
      const done = take(ask.state, event)
      expect(done.state.successors).toEqual([peer(8), peer(12), nobody(13)])
      expect(sent(done)).toEqual(["p8 Notify"])
    }
  })

  test("because the guard no longer holds is not adopted", () => {
    const nearer = waiting("stabilizeFromPredecessor", 4, { successors: [peer(2), peer(4), peer(8)] })
    const done = take(nearer, heard(4, stateReply(7, [8, 12, 16], 2)))
    expect(list(done)).toEqual(["p2", "p4", "p8"])
    expect(sent(done)).toEqual(["p2 Notify"])
  })
})

describe("a first successor that is gone", () => {
  test("is dropped, the id directly after the last appended, the next one notified", () => {
    const done = take(settled, reset(4))
    expect(done.state.successors).toEqual([peer(8), peer(12), nobody(13)])
    expect(sent(done)).toEqual(["p8 Notify"])
  })

  test("is dropped when a query to it stays unanswered for as many ticks as suspicion takes, not before", () => {
    const others = [8, 12, 16].map((n) => heard(n, { type: "Pong" }))
    const waited = take(ask.state, tick, ...others, tick, ...others)
    expect(list(waited)).toEqual(["p4", "p8", "p12"])
    expect(list(take(waited.state, tick))).toEqual(["p8", "p12", ""])
  })

  test("goes together with the dead behind it", () => {
    const detector = suspect(emptyDetector, peer(8), "silent")
    const done = take({ ...settled, detector }, reset(4))
    expect(done.state.successors).toEqual([peer(12), nobody(13), nobody(14)])
    expect(sent(done)).toEqual(["p12 Notify"])
  })

  test("is found out at the next tick when another operation was under way", () => {
    const busy = take(waiting("stabilizeFromPredecessor", 2), reset(4))
    expect(list(busy)).toEqual(["p4", "p8", "p12"])
    const done = take(busy.state, reset(2), tick)
    expect(list(done)).toEqual(["p8", "p12", ""])
  })

  test("a dead entry further back stays until it comes to the front, as the rules have it", () => {
    expect(list(take(settled, reset(8)))).toEqual(["p4", "p8", "p12"])
  })
})

describe("with no successor left", () => {
  const allGone = [reset(4), reset(8), reset(12)]

  test("the nearest peer known otherwise is asked, and its list adopted whole", () => {
    const asked = take({ ...settled, fingers: [peer(4), peer(14)] }, ...allGone)
    expect(messages(asked, "StateQuery").map((query) => query.to)).toEqual(["p14"])
    const number = asked.state.operation?.number ?? -1
    const done = take(asked.state, heard(14, stateReply(number, [16, 0, 2], 12)))
    expect(list(done)).toEqual(["p14", "p16", "p0"])
    expect(sent(done)).toEqual(["p14 Notify"])
  })

  test("when that one does not answer the next is asked", () => {
    const asked = take({ ...settled, fingers: [peer(4), peer(14)] }, ...allGone)
    expect(messages(take(asked.state, reset(14)), "StateQuery").map((query) => query.to)).toEqual(["p16"])
  })

  test("when that one is no member, though it answers, another is asked", () => {
    const asked = take({ ...settled, fingers: [peer(4), peer(14)] }, ...allGone)
    const refused = {
      ...stateReply(asked.state.operation?.number ?? -1, [], 12),
      member: false,
    } as RingMessage
    const next = take(asked.state, heard(14, refused))
    expect(messages(next, "StateQuery").map((query) => query.to)).toEqual(["p16"])
  })

  test("a member that knows nobody is a ring of one", () => {
    const done = take(settled, ...allGone, reset(16), tick)
    expect(list(done)).toEqual(["p0", "p0", "p0"])
    expect(done.state.predecessor).toEqual(peer(0))
  })
})

describe("a peer heard of", () => {
  test("is asked at once when it lies nearer, else not", () => {
    expect(
      messages(take(settled, heard(2, { type: "Ping" })), "StateQuery").map((query) => query.to),
    ).toEqual(["p2"])
    expect(messages(take(settled, heard(6, { type: "Ping" })), "StateQuery")).toEqual([])
  })

  test("during an operation is remembered, the nearest of several, and adopted after it", () => {
    const heardOf = take(
      ask.state,
      heard(3, { type: "Ping" }),
      heard(1, { type: "Ping" }),
      heard(2, { type: "Ping" }),
    )
    expect(heardOf.state.candidate).toEqual(peer(1))
    const done = take(heardOf.state, heard(4, stateReply(op, [8, 12, 16], 0)), tick)
    expect(messages(done, "StateQuery").map((query) => query.to)).toEqual(["p1"])
    expect(done.state.candidate).toBeNull()
  })

  test("is forgotten when it died meanwhile: the successor is asked instead", () => {
    const heardOf = take(
      ask.state,
      heard(2, { type: "Ping" }),
      heard(4, stateReply(op, [8, 12, 16], 0)),
      reset(2),
    )
    const next = take(heardOf.state, tick)
    expect(messages(next, "StateQuery").map((query) => query.to)).toEqual(["p4"])
    expect(next.state.candidate).toBeNull()
  })
})

test("a member that knows only peers who are still joining asks each of them once a tick", () => {
  let now = member(8, [12, 12, 12], 12, { fingers: [peer(12), peer(20), peer(40)] })
  const asked: Array<string> = []
  let next = take(now, { type: "suspect", peer: peer(12) })
  for (let round = 0; round < 20; round++) {
    const query = messages(next, "StateQuery")[0]
    if (query === undefined) break
    asked.push(query.to)
    now = next.state
    const joining = { ...stateReply(query.op, [], 8), member: false } as const
    next = take(now, heard(Number(query.to.slice(1)), joining))
  }
  expect(asked).toEqual(["p20", "p40"])
  expect(messages(take(next.state, tick), "StateQuery").map(({ to }) => to)).toEqual(["p20"])
})
