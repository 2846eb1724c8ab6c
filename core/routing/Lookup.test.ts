import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Event } from "../peer/Event.ts"
import type { LookupMessage } from "../peer/Message.ts"
import { heard, member, messages, newcomer, nobody, peer, sent, take, tick } from "../peer/Peer.samples.ts"
import type { Step } from "../peer/Peer.ts"
import { LOOKUP_TRIES, RETRY_TICKS } from "../peer/PeerState.ts"
import { ideal, idealPredecessor } from "../membership/SuccessorList.ts"
import { drawnIds } from "../ring/RingId.arbitrary.ts"
import { hopBudget } from "./Lookup.ts"
import { rankFingers } from "./RankFingers.ts"

/** Member 8, which owns (4, 8]. */
const settled = member(8, [12, 16, 20], 4, { fingers: [peer(12), peer(20), peer(40)] })
const find = (key: number, token = 70, trace = false): Event => ({
  type: "find",
  token,
  key: peer(key).id,
  trace,
})
const found = ({ commands }: Step) =>
  commands.flatMap((command) => (command.type === "found" ? [command] : []))
const reply = (token: number, owner: number): Event =>
  heard(owner, { type: "LookupReply", token, owner: peer(owner), hops: 2, path: [] })
const reset = (n: number): Event => ({ type: "suspect", peer: peer(n) })
const ticks = (count: number): ReadonlyArray<Event> => Array.from({ length: count }, () => tick)

const lookup = (key: number, more: Partial<LookupMessage> = {}): Event =>
  heard(50, {
    type: "Lookup",
    token: 3,
    asker: peer(60),
    key: peer(key).id,
    hops: 4,
    budget: 9,
    final: false,
    path: [],
    trace: false,
    ...more,
  })

describe("a find", () => {
  test("of a key that the peer owns itself is answered at once, after no hop", () => {
    expect(found(take(settled, find(6)))).toEqual([
      { type: "found", token: 70, result: { owner: peer(8), hops: 0, path: [] } },
    ])
  })

  test("of any other key is sent on its way under a number of its own, and answered when the owner answers", () => {
    const asked = take(settled, find(30))
    const [message] = messages(asked, "Lookup")
    expect(message).toMatchObject({ to: "p20", asker: peer(8), hops: 1, final: false, path: [] })
    expect(message?.budget).toBe(hopBudget(settled) - 1)
    const answered = take(asked.state, reply(message?.token ?? -1, 32))
    expect(found(answered)).toEqual([
      { type: "found", token: 70, result: { owner: peer(32), hops: 2, path: [] } },
    ])
    expect(answered.state.lookups).toEqual([])
  })

  test("of one key may be asked twice: each has its own answer", () => {
    const asked = take(settled, find(30, 70), find(30, 71))
    const tokens = messages(asked, "Lookup").map(({ token }) => token)
    expect(new Set(tokens).size).toBe(2)
    const answered = take(asked.state, ...tokens.toReversed().map((token) => reply(token, 32)))
    expect(found(answered).map(({ token }) => token)).toEqual([71, 70])
  })

  test("is answered once: a second answer, or one to a number never used, is ignored", () => {
    const asked = take(settled, find(30))
    const token = messages(asked, "Lookup")[0]?.token ?? -1
    expect(found(take(asked.state, reply(token, 32), reply(token, 36), reply(token + 1, 36)))).toHaveLength(1)
  })

  test("without an answer is sent again under a new number; an answer to the old one comes too late", () => {
    const asked = take(settled, find(30))
    expect(messages(take(asked.state, ...ticks(RETRY_TICKS - 1)), "Lookup")).toEqual([])
    const again = take(asked.state, ...ticks(RETRY_TICKS))
    const [first, second] = [...messages(asked, "Lookup"), ...messages(again, "Lookup")].map(
      ({ token }) => token,
    )
    expect(second).not.toBe(first)
    expect(found(take(again.state, reply(first ?? -1, 32)))).toEqual([])
    expect(found(take(again.state, reply(second ?? -1, 32)))).toHaveLength(1)
  })

  test("that nobody ever answers is given up after so many tries, once", () => {
    const trusting = { ...settled, config: { ...settled.config, suspectTicks: 1000 } }
    const asked = take(trusting, find(30))
    const waited = take(asked.state, ...ticks(RETRY_TICKS * LOOKUP_TRIES - 1))
    expect(found(waited)).toEqual([])
    const over = take(waited.state, ...ticks(RETRY_TICKS * LOOKUP_TRIES))
    expect(found(over)).toEqual([{ type: "found", token: 70, result: { owner: null, hops: 0, path: [] } }])
    expect(over.state.lookups).toEqual([])
  })

  test("has no answer while the peer is not in the ring yet", () => {
    expect(found(take(newcomer(8), find(30)))).toEqual([
      { type: "found", token: 70, result: { owner: null, hops: 0, path: [] } },
    ])
  })

  test("names the peers on the way when a trace was asked for, itself first", () => {
    expect(messages(take(settled, find(30, 70, true)), "Lookup")[0]?.path).toEqual(["p8"])
    expect(found(take(settled, find(6, 70, true)))[0]?.result.path).toEqual(["p8"])
  })
})

describe("a lookup that passes by", () => {
  test("is answered to the asker when the peer owns the key", () => {
    expect(
      messages(take(settled, lookup(6, { final: true, trace: true, path: ["p1"] })), "LookupReply"),
    ).toEqual([{ to: "p60", type: "LookupReply", token: 3, owner: peer(8), hops: 4, path: ["p1", "p8"] }])
  })

  test("goes one hop on, one hop dearer, with one hop less to spend", () => {
    expect(messages(take(settled, lookup(30)), "Lookup")).toMatchObject([
      { to: "p20", hops: 5, budget: 8, token: 3 },
    ])
    expect(messages(take(settled, lookup(14)), "Lookup")).toMatchObject([{ to: "p16", final: true }])
  })

  test("never goes to the dead or to nobody", () => {
    const dead = take(settled, reset(20), reset(16)).state
    expect(messages(take(dead, lookup(30)), "Lookup")).toMatchObject([{ to: "p12" }])
    const last = member(8, [nobody(12), nobody(13)], 4)
    expect(messages(take(last, lookup(30)), "Lookup")).toMatchObject([{ to: "p4" }])
  })

  test("walks successors, whatever the fingers say, once its budget is used up", () => {
    expect(messages(take(settled, lookup(50, { budget: 1 })), "Lookup")).toMatchObject([
      { to: "p40", budget: 0 },
    ])
    expect(messages(take(settled, lookup(50, { budget: 0 })), "Lookup")).toMatchObject([
      { to: "p20", budget: 0 },
    ])
  })

  test("taken for the peer's own by mistake goes back, to the nearest known at or after the key", () => {
    expect(messages(take(settled, lookup(3, { final: true })), "Lookup")).toMatchObject([
      { to: "p4", final: true },
    ])
    const wide = member(8, [12, 16, 20], 4, { fingers: [peer(12), peer(60), peer(90)] })
    expect(messages(take(wide, lookup(55, { final: true })), "Lookup")).toMatchObject([
      { to: "p60", final: true },
    ])
  })

  test("taken for the peer's own stays when the peer before it is dead: it inherits", () => {
    const heir = take(settled, reset(4)).state
    expect(messages(take(heir, lookup(3, { final: true })), "LookupReply")).toMatchObject([
      { owner: peer(8) },
    ])
  })

  test("asks a finger that is used whether it lives, and a neighbour, which has a heartbeat, not", () => {
    expect(sent(take(settled, lookup(50)))).toEqual(["p40 Lookup", "p40 Ping"])
    const watching = take(settled, tick).state
    expect(sent(take(watching, lookup(14)))).toEqual(["p16 Lookup"])
  })

  test("ends with a peer that is not in the ring, and after more hops than any ring has peers", () => {
    expect(take(newcomer(8), lookup(6)).commands).toEqual([])
    expect(take(settled, lookup(6, { hops: 5000 })).commands).toEqual([])
  })
})

describe("the hop budget", () => {
  test("in a settled ring is 2 * ceil(log2 N) + L at least, and no more than twice that and a little", () => {
    fc.assert(
      fc.property(
        drawnIds({ minLength: 1, maxLength: 200 }),
        fc.nat(),
        fc.integer({ min: 1, max: 6 }),
        (ids, at, length) => {
          const ring = ids.map((id) => ({ ...peer(0), id }))
          const self = ring[at % ring.length] ?? peer(0)
          const [first, ...rest] = ideal(ring, self.id, length)
          const state = {
            ...member(0, [first, ...rest], idealPredecessor(ring, self)),
            fingers: rankFingers(ring, at % ring.length),
          }
          const budget = hopBudget({ ...state, config: { ...state.config, self } })
          const levels = Math.ceil(Math.log2(ring.length))
          expect(budget).toBeGreaterThanOrEqual(2 * levels + length)
          expect(budget).toBeLessThanOrEqual(2 * (2 + 2 * levels) + length)
        },
      ),
    )
  })
})
