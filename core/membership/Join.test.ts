import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Contact } from "../peer/Contact.ts"
import {
  heard,
  member,
  messages,
  named,
  newcomer,
  nobody,
  peer,
  sent,
  stateReply,
  take,
  tick,
} from "../peer/Peer.samples.ts"
import type { Event } from "../peer/Event.ts"
import { type PeerState, REFOUND_TICKS, RETRY_TICKS } from "../peer/PeerState.ts"
import { rankFingers } from "../routing/RankFingers.ts"
import { ideal, idealPredecessor } from "./SuccessorList.ts"

const seed = (n: number): Event => ({ type: "seed", peer: peer(n) })
const ticks = (count: number): ReadonlyArray<Event> => Array.from({ length: count }, () => tick)
const request = (joiner: number, budget = 64) =>
  heard(joiner, { type: "Join", joiner: peer(joiner), hops: 1, budget })
const reply = (from: number, successors: ReadonlyArray<number>): Event =>
  heard(from, { type: "JoinReply", successors: successors.map((n) => peer(n)) })

describe("a newcomer", () => {
  test("asks a seed as soon as it hears of it, then two at a time, all of them in turn, every few ticks", () => {
    const started = take(newcomer(5), { type: "started" }, seed(1), seed(2), seed(3))
    expect(messages(started, "Join").map(({ to }) => to)).toEqual(["p1", "p2", "p3"])
    const second = take(started.state, ...ticks(RETRY_TICKS))
    expect(messages(second, "Join").map(({ to }) => to)).toEqual(["p1", "p3"])
    expect(messages(take(second.state, ...ticks(RETRY_TICKS - 1)), "Join")).toEqual([])
  })

  test("takes the list of whoever lets it in, whole, and that one for its predecessor, and stabilizes", () => {
    const joined = take(newcomer(5), reply(1, [8, 12, 16]))
    expect(joined.state.phase).toBe("member")
    expect(named(joined.state.successors)).toEqual(["p8", "p12", "p16"])
    expect(joined.state.predecessor).toEqual(peer(1))
    expect(sent(joined)).toEqual(["p8 StateQuery"])
  })

  test("refuses a list that is not L long", () => {
    for (const wrong of [[], [8, 12], [8, 12, 16, 20]]) {
      const state = newcomer(5)
      expect(take(state, reply(1, wrong)).state).toEqual(state)
    }
  })

  test("forgets whom it suspected while it sought: a seed that was not up then may be up now", () => {
    const refused = take(newcomer(5), seed(8), { type: "started" }, { type: "suspect", peer: peer(8) })
    const joined = take(refused.state, reply(1, [8, 12, 16]))
    expect(named(joined.state.successors)).toEqual(["p8", "p12", "p16"])
    expect(sent(joined)).toEqual(["p8 StateQuery"])
  })

  test("neither lets others in, nor passes them on, nor counts as a member in its answers", () => {
    const state = newcomer(5)
    expect(take(state, request(7)).commands).toEqual([])
    const [answer] = messages(take(state, heard(1, { type: "StateQuery", op: 3 })), "StateReply")
    expect(answer).toMatchObject({ to: "p1", op: 3, member: false, successors: [] })
  })
})

describe("a member that is asked", () => {
  const settled = member(0, [4, 8, 12], 16)

  test("grants its own list to who lies between it and its first successor", () => {
    expect(messages(take(settled, request(2)), "JoinReply")).toEqual([
      { to: "p2", type: "JoinReply", successors: settled.successors },
    ])
  })

  test("passes everybody else on, to the last peer before them that it knows", () => {
    expect(messages(take(settled, request(9)), "Join")).toMatchObject([{ to: "p8", hops: 2, budget: 63 }])
    const fingers = { ...settled, fingers: [peer(4), peer(8), peer(16)] }
    expect(messages(take(fingers, request(17)), "Join")).toMatchObject([{ to: "p16" }])
  })

  test("walks successors, whatever its fingers say, once the budget is used up", () => {
    const fingers = { ...settled, fingers: [peer(4), peer(8), peer(16)] }
    expect(messages(take(fingers, request(17, 0)), "Join")).toMatchObject([{ to: "p4", budget: 0 }])
  })

  test("waits while the newcomer's old self is still its successor, or is itself the newcomer's old self", () => {
    expect(take(settled, request(4)).commands).toEqual([])
    expect(take(settled, request(0)).commands).toEqual([])
  })

  test("never passes a newcomer on to its own old self", () => {
    expect(messages(take(settled, request(8)), "Join")).toMatchObject([{ to: "p4" }])
  })
})

const rings = fc
  .uniqueArray(fc.nat(60), { minLength: 1, maxLength: 16 })
  .map((ids) => ids.toSorted((a, b) => a - b).map((id) => peer(id)))

const idealMember = (ring: ReadonlyArray<Contact>, self: Contact): PeerState => {
  const fingers = rankFingers(ring, ring.indexOf(self))
  const id = Number.parseInt(self.id, 16)
  return member(id, ideal(ring, self.id, 3), idealPredecessor(ring, self), { fingers })
}

/** Follows a newcomer's request round an ideal ring; who let it in. */
const letInBy = (ring: ReadonlyArray<Contact>, first: Contact, joiner: number): string => {
  let at = first
  let event = request(joiner)
  for (let hops = 0; hops <= ring.length; hops++) {
    const [command] = take(idealMember(ring, at), event).commands
    if (command?.type !== "send") return `${at.name} did nothing`
    const { to, message } = command
    if (message.type === "JoinReply")
      return to.name === peer(joiner).name ? at.name : `it answered ${to.name}`
    event = { type: "message", from: at, message }
    at = ring.find((one) => one.id === to.id) ?? at
  }
  return "it was passed on for ever"
}

test("in an ideal ring a newcomer is let in by the member that precedes it, whomever it asks", () => {
  fc.assert(
    fc.property(rings, fc.nat(), fc.nat(60), (ring, at, joiner) => {
      const first = ring[at % ring.length]
      fc.pre(first !== undefined && ring.every((one) => one.id !== peer(joiner).id))
      expect(letInBy(ring, first ?? peer(0), joiner)).toBe(idealPredecessor(ring, peer(joiner)).name)
    }),
  )
})

describe("an answer that lets a newcomer in", () => {
  const asking = take(newcomer(5), seed(1), { type: "started" }).state

  test("counts only if the newcomer lies between who sent it and that one's first successor", () => {
    for (const [from, first] of [
      [1, 3],
      [6, 8],
      [1, 5],
    ] as const) {
      expect(take(asking, reply(from, [first, 20, 30])).state).toEqual(asking)
    }
    for (const [from, first] of [
      [1, 8],
      [9, 6],
      [1, 1],
    ] as const) {
      expect(take(asking, reply(from, [first, 20, 30])).state.phase).toBe("member")
    }
  })
})

describe("a founder", () => {
  const founders = [peer(1), peer(5), peer(9), peer(13)]
  const config = { founders, successors: 2 }

  test("begins as a member of the ideal ring of all founders", () => {
    const { state } = take(newcomer(5, { ...config, founding: true }), { type: "started" })
    expect(state.phase).toBe("member")
    expect(named(state.successors)).toEqual(["p9", "p13"])
    expect(named(state.fingers)).toEqual(["p9", "p13"])
    expect(state.predecessor).toEqual(peer(1))
  })

  test("that ran before joins the ring that is there, and founds it anew when nobody answers for long", () => {
    const seeking = take(newcomer(5, config), { type: "started" }, ...ticks(REFOUND_TICKS - 1))
    expect(seeking.state.phase).toBe("joining")
    expect(new Set(messages(seeking, "Join").map(({ to }) => to))).toEqual(new Set(["p1", "p9", "p13"]))
    const founded = take(seeking.state, tick)
    expect(founded.state.phase).toBe("member")
    expect(named(founded.state.successors)).toEqual(["p9", "p13"])
  })

  test("that founds anew waits for the others as at the very first start, though they were not there before", () => {
    const refused = [1, 9, 13].map((n): Event => ({ type: "suspect", peer: peer(n) }))
    const { state } = take(newcomer(5, config), { type: "started" }, ...refused, ...ticks(REFOUND_TICKS + 5))
    expect(named(state.successors)).toEqual(["p9", "p13"])
    expect(state.detector.suspected.size).toBe(0)
  })

  test("that is the only one founds a ring of one at once", () => {
    const { state } = take(newcomer(5, { founders: [peer(5)], successors: 2 }), { type: "started" })
    expect(named(state.successors)).toEqual(["p5", "p5"])
    expect(state.predecessor).toEqual(peer(5))
  })
})

describe("a member that is let in once more, into another ring", () => {
  const settled = member(0, [8, 12, 16], 20)

  test("adopts whom it hears of when nearer, and shows itself to who let it in", () => {
    const answered = take(settled, reply(-4 + 100, [4, 6, 9]))
    expect(sent(answered)).toEqual(["p96 Ping", "p4 StateQuery"])
    const number = answered.state.operation?.number ?? -1
    expect(
      named(take(answered.state, heard(4, stateReply(number, [6, 9, 96], 96))).state.successors),
    ).toEqual(["p4", "p6", "p9"])
  })

  test("keeps its own list and predecessor otherwise", () => {
    const successors = [peer(30), nobody(31), nobody(32)]
    const { state } = take(settled, heard(96, { type: "JoinReply", successors }))
    expect(state.successors).toEqual(settled.successors)
    expect(state.predecessor).toEqual(settled.predecessor)
    expect(state.operation).toBeNull()
  })
})
