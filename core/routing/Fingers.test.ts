import { describe, expect, test } from "vitest"
import {
  heard,
  member,
  messages,
  named,
  newcomer,
  nobody,
  peer,
  sent,
  take,
  tick,
} from "../peer/Peer.samples.ts"
import type { Contact } from "../peer/Contact.ts"
import type { Event } from "../peer/Event.ts"
import type { PeerState } from "../peer/PeerState.ts"

/** Member 0 of the ring 0, 10, 20 .. 70. */
const settled = member(0, [10, 20, 30], 70, { fingers: [peer(10), peer(20), peer(40)] })
const fingers = ({ state }: { readonly state: PeerState }): ReadonlyArray<string> => named(state.fingers)
const reply = (from: number, index: number, finger: Contact | null): Event =>
  heard(from, { type: "FingerReply", index, finger })

describe("a finger", () => {
  test("is refreshed each tick, each in its turn", () => {
    const asked = [0, 1, 2, 3].flatMap((turns) => messages(take({ ...settled, turns }, tick), "FingerQuery"))
    expect(asked.map(({ to, index }) => `${to} ${index}`)).toEqual(["p20 1", "p40 2", "p10 0", "p20 1"])
  })

  test("is what the one before it calls its own of the same rank", () => {
    expect(fingers(take(settled, reply(10, 0, peer(22))))).toEqual(["p10", "p22", "p40"])
    expect(fingers(take(settled, reply(40, 2, peer(60))))).toEqual(["p10", "p20", "p40", "p60"])
  })

  test("that moved keeps those beyond it, as long as they are beyond it", () => {
    expect(fingers(take(settled, reply(10, 0, peer(50))))).toEqual(["p10", "p50"])
  })

  test("that would be past the peer itself, or is none, ends the table", () => {
    for (const past of [peer(0), peer(5), peer(10), null]) {
      expect(fingers(take(settled, reply(10, 0, past)))).toEqual(["p10"])
    }
    expect(fingers(take(settled, reply(40, 2, peer(5))))).toEqual(["p10", "p20", "p40"])
  })

  test("comes from the one that was asked, or not at all", () => {
    for (const stale of [reply(20, 0, peer(22)), reply(10, 1, peer(22)), reply(10, 3, peer(22))]) {
      expect(take(settled, stale).state.fingers).toEqual(settled.fingers)
    }
  })

  test("that moved to another address is reached there from now on", () => {
    const moved = { ...peer(20), ring: "elsewhere:1" }
    expect(take(settled, reply(10, 0, moved)).state.fingers).toEqual([peer(10), moved, peer(40)])
  })

  test("that nobody needs changes nothing, the table included", () => {
    expect(take(settled, reply(10, 0, peer(20))).state.fingers).toBe(settled.fingers)
  })
})

describe("the first finger", () => {
  test("is the first successor that lives", () => {
    const lost = take(settled, { type: "suspect", peer: peer(10) }, tick)
    expect(fingers(lost)[0]).toBe("p20")
  })

  test("of a ring of one is none, nor is any other", () => {
    expect(fingers(take({ ...member(0, [0, 0], 0), fingers: [peer(10)] }, tick))).toEqual([])
  })

  test("does not exist without a successor, and the others stay: they are what is left to recover by", () => {
    const lost = member(0, [nobody(10), nobody(11)], 70, { fingers: [peer(10), peer(20), peer(40)] })
    expect(fingers(take(lost, tick))).toEqual(["p10", "p20", "p40"])
  })
})

const query = (index: number): Event => heard(70, { type: "FingerQuery", index })
const answer = (state: PeerState, index: number) => messages(take(state, query(index)), "FingerReply")

describe("who is asked for a finger", () => {
  test("names it, or says that there is none so far out", () => {
    expect(answer(settled, 2)).toEqual([{ to: "p70", type: "FingerReply", index: 2, finger: peer(40) }])
    expect(answer(settled, 3)).toMatchObject([{ finger: null }])
  })

  test("names its first living successor whatever its table says", () => {
    expect(answer({ ...settled, fingers: [] }, 0)).toMatchObject([{ finger: peer(10) }])
    expect(answer(take(settled, { type: "suspect", peer: peer(10) }).state, 0)).toMatchObject([
      { finger: peer(20) },
    ])
  })

  test("names nobody that it takes for dead", () => {
    expect(answer(take(settled, { type: "suspect", peer: peer(40) }).state, 2)).toMatchObject([
      { finger: null },
    ])
  })

  test("says nothing unless it is a member", () => {
    expect(sent(take(newcomer(0), query(0)))).toEqual([])
  })
})

describe("a finger that died", () => {
  test("is not asked", () => {
    const dead = take({ ...settled, turns: 1 }, { type: "suspect", peer: peer(40) }, tick)
    expect(messages(dead, "FingerQuery")).toEqual([])
  })
})
