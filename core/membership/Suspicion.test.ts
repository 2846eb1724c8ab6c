import { describe, expect, test } from "vitest"
import { ringMessages } from "../codec/Message.arbitrary.ts"
import fc from "fast-check"
import type { Event } from "../peer/Event.ts"
import type { RingMessage } from "../peer/Message.ts"
import type { Step } from "../peer/Peer.ts"
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
import { GRACE_TICKS, type PeerState, REJOIN_TICKS } from "../peer/PeerState.ts"
import { CALM_TICKS } from "./Detector.ts"
import { speaksAsMember } from "./Suspicion.ts"

/** Member 0, which suspects after 3 ticks of 100 ms. */
const settled = member(0, [4, 8], 12)
const late = (lateMs: number): Event => ({ type: "tick", lateMs })
const reset = (n: number): Event => ({ type: "suspect", peer: peer(n) })
const pongs = (...from: ReadonlyArray<number>): ReadonlyArray<Event> =>
  from.map((n) => heard(n, { type: "Pong" }))
const ticks = (count: number): ReadonlyArray<Event> => Array.from({ length: count }, () => tick)
const suspected = ({ state }: { readonly state: PeerState }): ReadonlyArray<string> =>
  [...state.detector.suspected.values()].map(({ peer: { name }, reason }) => `${name} ${reason}`)

/** So many ticks, in which everybody answers at once but those named; the commands are those of all of them. */
const rounds = (state: PeerState, count: number, ...silent: ReadonlyArray<number>): Step => {
  let now: Step = { state, commands: [] }
  for (let i = 0; i < count; i++) {
    const ticked = take(now.state, tick)
    const answers = ticked.commands.flatMap((command): ReadonlyArray<Event> => {
      if (command.type !== "send" || silent.some((n) => peer(n).id === command.to.id)) return []
      const { message, to } = command
      if (message.type === "Ping") return [{ type: "message", from: to, message: { type: "Pong" } }]
      if (message.type !== "StateQuery") return []
      return [{ type: "message", from: to, message: stateReply(message.op, [8, 12], 0) }]
    })
    const answered = take(ticked.state, ...answers)
    now = { state: answered.state, commands: [...now.commands, ...ticked.commands, ...answered.commands] }
  }
  return now
}

describe("a heartbeat", () => {
  test("goes to every successor and the predecessor once, not to itself, to nobody or to the dead", () => {
    expect(messages(take(settled, tick), "Ping").map(({ to }) => to)).toEqual(["p4", "p8", "p12"])
    const small = member(0, [4, 0, nobody(1)], 4)
    expect(messages(take(small, tick), "Ping").map(({ to }) => to)).toEqual(["p4"])
    const lost = take(settled, reset(8))
    expect(messages(take(lost.state, { ...tick }), "Ping").map(({ to }) => to)).not.toContain("p0")
  })

  test("silence for as many ticks as set is suspicion, one less is none", () => {
    const silent = rounds(settled, 3, 8)
    expect(suspected(silent)).toEqual([])
    expect(suspected(rounds(silent.state, 1, 8))).toEqual(["p8 silent"])
  })

  test("a word in between starts the count anew", () => {
    const heardOnce = take(rounds(settled, 3, 8).state, ...pongs(8))
    const silent = rounds(heardOnce.state, 2, 8)
    expect(suspected(silent)).toEqual([])
    expect(suspected(rounds(silent.state, 1, 8))).toEqual(["p8 silent"])
  })

  test("a tick that comes late by an interval or more counts no silence: this process itself stood still", () => {
    const stoodStill = take(settled, tick, late(100), tick, late(60_000))
    expect(suspected(stoodStill)).toEqual([])
    expect(suspected(take(settled, late(60_000), late(99), late(99), late(99)))).toEqual([])
    expect(suspected(take(settled, tick, late(99), late(99), late(99)))).toHaveLength(3)
  })

  test("a process that stood still waits twice as long for everybody, and longer each time, until it runs well again", () => {
    const patience = (times: number, ...before: ReadonlyArray<Event>): void => {
      const { state } = take(rounds(settled, 1, 8).state, ...before, ...pongs(8))
      const waited = rounds(state, 3 * times - 1, 8).state
      expect(suspected({ state: waited })).not.toContain("p8 silent")
      expect(suspected(rounds(waited, 1, 8))).toContain("p8 silent")
    }
    patience(1)
    patience(2, late(100))
    patience(4, late(100), tick, late(60_000))
    patience(4, late(100), tick, late(100), tick, late(100))
    const calm = rounds(take(settled, late(100)).state, CALM_TICKS).state
    expect(suspected(rounds(calm, 3, 8))).toEqual(["p8 silent"])
  })

  test("a process whose ticks are all late is merely slow, and still notices who is dead", () => {
    const allLate = Array.from({ length: 6 }, () => late(100))
    expect(suspected(take(settled, ...allLate))).toEqual([])
    expect(suspected(take(settled, ...allLate, late(100)))).toHaveLength(3)
  })

  test("a finger that was asked and does not answer is suspected though it is no neighbour", () => {
    const asking = { ...settled, turns: 1, fingers: [peer(4), peer(40)] }
    expect(suspected(rounds(asking, 6, 40))).toEqual(["p40 silent"])
  })
})

describe("who is suspected", () => {
  test("by a reset is so at once and said to be", () => {
    const done = take(settled, reset(8))
    expect(suspected(done)).toEqual(["p8 reset"])
    expect(done.commands).toEqual([
      { type: "trace", record: { type: "suspected", peer: "p8", reason: "reset" } },
    ])
    expect(take(done.state, reset(8)).commands).toEqual([])
  })

  test("is never this peer itself, nor nobody", () => {
    expect(take(settled, reset(0), { type: "suspect", peer: nobody(5) }).state).toEqual(settled)
  })

  test("is probed, one a tick, each in its turn, those who left too", () => {
    const lost = take(settled, reset(20), heard(24, { type: "Leaving" }))
    const pinged = messages(rounds(lost.state, 6, 20, 24), "Ping").map(({ to }) => to)
    const probed = pinged.filter((to) => !["p4", "p8", "p12"].includes(to))
    expect(probed).toEqual(["p20", "p24", "p20", "p24", "p20", "p24"])
  })

  test("is asked for this peer's place now and then, as if to join, and so are seeds that are no neighbours", () => {
    const lost = take({ ...settled, seeds: [peer(30), peer(4)] }, reset(20), reset(24))
    const asked = messages(rounds(lost.state, 4 * REJOIN_TICKS, 20, 24), "Join")
    expect(asked.map(({ to }) => to).toSorted()).toEqual(["p20", "p20", "p24", "p24", "p30", "p30"])
    expect(asked[0]?.joiner).toEqual(peer(0))
  })

  test("is taken back as soon as it speaks as a member, and adopted when it lies nearer", () => {
    const lost = take(settled, reset(2), reset(20))
    const back = take(lost.state, heard(2, { type: "Pong" }))
    expect(suspected(back)).toEqual(["p20 reset"])
    expect(back.commands[0]).toEqual({ type: "trace", record: { type: "cleared", peer: "p2" } })
    expect(sent(back)).toEqual(["p2 StateQuery"])
  })

  test("stays so whatever it says that a peer which joins or leaves would also say", () => {
    const lost = take(settled, reset(4), reset(20)).state
    fc.assert(
      fc.property(
        ringMessages.filter((message) => !speaksAsMember(message)),
        (message) => {
          expect(take(lost, heard(20, message)).state.detector.suspected.has(peer(20).id)).toBe(true)
        },
      ),
    )
  })

  test("what only a member says is just that", () => {
    const refusal: RingMessage = {
      type: "StateReply",
      op: 1,
      member: false,
      successors: [],
      predecessor: peer(1),
    }
    const joins: RingMessage = { type: "Join", joiner: peer(1), hops: 1, budget: 1 }
    expect([refusal, joins, { type: "Leaving" } as const].map(speaksAsMember)).toEqual([false, false, false])
    expect(([{ type: "Ping" }, { type: "Pong" }, { type: "Notify" }] as const).map(speaksAsMember)).toEqual([
      true,
      true,
      true,
    ])
  })
})

describe("a peer that came back as another incarnation", () => {
  const reborn = member(0, [peer(4, 2), 8], 12)

  test("is not dead because the one before it is", () => {
    const done = take(reborn, reset(4))
    expect(done.state.successors).toEqual(reborn.successors)
    expect(messages(take(done.state, tick), "StateQuery")).toMatchObject([{ to: "p4" }])
  })

  test("dies like any other, even when the one before it is still remembered as dead", () => {
    const dead = take(reborn, reset(4), { type: "suspect", peer: peer(4, 2) })
    expect(named(dead.state.successors)).toEqual(["p8", ""])
    expect(suspected(take(reborn, reset(4), ...ticks(4)))).toContain("p4 silent")
  })
})

describe("a founder that may not have been started yet", () => {
  const founders = [peer(0), peer(4), peer(8), peer(12)]
  const founded = take(newcomer(0, { founders, founding: true, successors: 2 }), { type: "started" }).state

  test("is not suspected during the grace, neither for silence nor for refusing connections", () => {
    const waited = take(founded, ...ticks(GRACE_TICKS - 1), reset(4), reset(8))
    expect(suspected(waited)).toEqual([])
    expect(waited.state.successors).toEqual(founded.successors)
  })

  test("is suspected after it", () => {
    const nearlyOver = rounds(founded, GRACE_TICKS - 1, 4)
    expect(suspected(nearlyOver)).toEqual([])
    expect(suspected(rounds(nearlyOver.state, 1, 4))).toEqual(["p4 silent"])
  })

  test("is suspected like anybody else once it was heard", () => {
    const up = take(founded, tick, ...pongs(4))
    expect(suspected(take(up.state, reset(4)))).toEqual(["p4 reset"])
    expect(suspected(take(up.state, tick, tick, tick))).toEqual(["p4 silent"])
  })

  test("is believed when it says that it leaves", () => {
    expect(suspected(take(founded, heard(4, { type: "Leaving" })))).toEqual(["p4 leaving"])
  })

  test("grace is for founders only, and only where the ring was founded", () => {
    expect(suspected(take(founded, reset(20)))).toEqual(["p20 reset"])
    const joined = take(
      newcomer(0, { founders, successors: 2 }),
      heard(12, { type: "JoinReply", successors: [peer(4), peer(8)] }),
    )
    expect(suspected(take(joined.state, reset(4)))).toEqual(["p4 reset"])
  })
})
