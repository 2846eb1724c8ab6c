import fc from "fast-check"
import { describe, expect, test, vi } from "vitest"
import { ringMessages } from "../codec/Message.arbitrary.ts"
import { isPlaceholder } from "./Contact.ts"
import type { Event } from "./Event.ts"
import type { LookupMessage } from "./Message.ts"
import { smallEvents } from "./Peer.arbitrary.ts"
import { step } from "./Peer.ts"
import {
  deepFreeze,
  heard,
  member,
  messages,
  newcomer,
  nobody,
  peer,
  sent,
  take,
  tick,
} from "./Peer.samples.ts"
import { LOOKUP_TRIES, type PeerState, RETRY_TICKS } from "./PeerState.ts"
import { isUsable } from "./Turn.ts"

// A second of work, on a machine that may be doing a lot else.
vi.setConfig({ testTimeout: 30_000 })

const founders = [peer(0), peer(3), peer(6), peer(9)]
/** One peer of each phase, and of each way into it. */
const beginnings: ReadonlyArray<readonly [string, PeerState]> = [
  ["joining", newcomer(0)],
  ["a founder that joins", newcomer(0, { founders })],
  ["a founding member", take(newcomer(0, { founders, founding: true }), { type: "started" }).state],
  ["a member", member(0, [2, 5, 7], 8, { fingers: [peer(2), peer(5), peer(7)] })],
  [
    "a member with one successor left",
    member(0, [2, nobody(3), nobody(4)], 8, { fingers: [peer(2), peer(5)] }),
  ],
  ["a member alone", member(0, [0, 0, 0], 0)],
  ["leaving", take(member(0, [2, 5, 7], 8), { type: "leave" }).state],
]
type Happening = Event | "find"

const happenings: fc.Arbitrary<ReadonlyArray<Happening>> = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: smallEvents },
    { weight: 2, arbitrary: fc.constant("find" as const) },
    { weight: 1, arbitrary: fc.constant({ type: "leave" } as const) },
  ),
  { maxLength: 60 },
)

/** Lives through all that happens and then some silence; what went wrong, and which places were reached. */
const live = (beginning: PeerState, all: ReadonlyArray<Happening>) => {
  const problems: Array<string> = []
  const reached = new Set<string>()
  const open = new Set<number>()
  let state = deepFreeze(beginning)
  const happen = (event: Event): void => {
    deepFreeze(event)
    const next = step(state, event)
    expect(step(state, event)).toEqual(next)
    state = deepFreeze(next.state)
    for (const command of next.commands) {
      if (command.type === "found" && !open.delete(command.token))
        problems.push(`answer ${command.token} twice`)
      if (command.type === "found") reached.add(command.result.owner === null ? "no owner" : "an owner")
      if (command.type !== "send") continue
      if (isPlaceholder(command.to)) problems.push("a message to nobody")
      if (command.to.id === state.config.self.id) problems.push("a message to itself")
      reached.add(command.message.type)
    }
    const problem = whyNotWhole(state)
    if (problem) problems.push(problem)
    if (state.operation) reached.add(state.operation.kind)
    if (state.candidate) reached.add("candidate")
  }
  for (const [token, what] of all.entries()) {
    if (what === "find") open.add(token)
    happen(what === "find" ? { type: "find", token, key: peer(token % 10).id, trace: token % 2 === 0 } : what)
  }
  for (let i = 0; i < (LOOKUP_TRIES + 1) * RETRY_TICKS; i++) happen(tick)
  if (open.size > 0) problems.push(`finds ${[...open].join(", ")} have no answer`)
  return { problems, reached }
}

const whyNotWhole = (state: PeerState): string | null => {
  const { config, detector, successors, predecessor, operation, lookups } = state
  if (successors.length !== config.successors) return `${successors.length} successors`
  if (isPlaceholder(predecessor)) return "a predecessor that is nobody"
  if (detector.suspected.has(config.self.id)) return "suspects itself"
  if (operation !== null && isPlaceholder(operation.target)) return "waits for nobody"
  if (operation !== null && state.phase !== "member") return `${operation.kind} while ${state.phase}`
  if (operation !== null && !isUsable(state, operation.target)) return "waits for the dead"
  for (const { peer: watched } of detector.watched.values())
    if (!isUsable(state, watched)) return "watches the dead"
  const tokens = new Set(lookups.map((lookup) => lookup.token))
  return tokens.size === lookups.length ? null : "two lookups with one token"
}

describe("whatever happens in whatever order", () => {
  test("a peer keeps its word: state whole, no message to nobody or itself, one answer to each find", () => {
    const reached = new Set<string>()
    fc.assert(
      fc.property(fc.constantFrom(...beginnings), happenings, ([, beginning], all) => {
        const life = live(beginning, all)
        for (const place of life.reached) reached.add(place)
        expect(life.problems).toEqual([])
      }),
      { numRuns: 400 },
    )
    const sometimes = [
      "no owner",
      "an owner",
      "candidate",
      "stabilize",
      "stabilizeFromPredecessor",
      "recover",
    ]
    const said = ["Ping", "Pong", "Join", "JoinReply", "StateQuery", "StateReply", "Notify", "FingerQuery"]
    const passedOn = ["FingerReply", "Lookup", "LookupReply", "Leaving"]
    expect([...reached].toSorted()).toEqual([...sometimes, ...said, ...passedOn].toSorted())
  })

  test("every message of every type, as large as the codec allows, is handled in every phase", () => {
    fc.assert(
      fc.property(fc.constantFrom(...beginnings), ringMessages, fc.nat(9), ([, state], message, from) => {
        const next = step(deepFreeze(state), deepFreeze(heard(from, message)))
        expect(whyNotWhole(next.state)).toBeNull()
      }),
      { numRuns: 400 },
    )
  })
})

const lookup = (key: number, final = false): LookupMessage => ({
  type: "Lookup",
  token: 1,
  asker: peer(4),
  key: peer(key).id,
  hops: 1,
  budget: 8,
  final,
  path: [],
  trace: false,
})

describe("a leave", () => {
  const settled = member(8, [12, 16, 20], 4, { fingers: [peer(12), peer(20), peer(40)] })
  const left = take(settled, { type: "leave" })

  test("is told to everybody who may count on the peer, each once", () => {
    expect(sent(left)).toEqual(["p12 Leaving", "p16 Leaving", "p20 Leaving", "p4 Leaving", "p40 Leaving"])
    expect(left.state.phase).toBe("leaving")
    expect(take(left.state, { type: "leave" }).commands).toEqual([])
  })

  test("means no Pong, no fingers, no place for newcomers; whoever still counts on the peer is told once more", () => {
    for (const message of [
      { type: "Ping" },
      { type: "Notify" },
      { type: "FingerQuery", index: 0 },
    ] as const) {
      expect(sent(take(left.state, heard(4, message)))).toEqual(["p4 Leaving"])
    }
    const join = { type: "Join", joiner: peer(10), hops: 1, budget: 8 } as const
    expect(sent(take(left.state, heard(4, join)))).toEqual([])
    const [answer] = messages(take(left.state, heard(4, { type: "StateQuery", op: 2 })), "StateReply")
    expect(answer).toMatchObject({ op: 2, member: false })
  })

  test("never lets the peer be taken for a member again: it says nothing that only members say", () => {
    const ticks = take(
      left.state,
      tick,
      { type: "suspect", peer: peer(12) },
      tick,
      heard(4, lookup(30)),
      tick,
    )
    expect(new Set(ticks.commands.flatMap((c) => (c.type === "send" ? [c.message.type] : [])))).toEqual(
      new Set(["Leaving", "Lookup"]),
    )
  })

  test("hands what the peer owned to its heir, the first successor that lives", () => {
    const owned = messages(take(left.state, heard(4, lookup(7, true))), "Lookup")
    expect(owned).toMatchObject([{ to: "p12", final: true, hops: 2 }])
    const heirless = take(left.state, { type: "suspect", peer: peer(12) }, heard(4, lookup(7, true)))
    expect(messages(heirless, "Lookup")).toMatchObject([{ to: "p16", final: true }])
  })

  test("leaves other lookups on their way", () => {
    expect(messages(take(left.state, heard(4, lookup(30))), "Lookup")).toMatchObject([
      { to: "p20", final: false },
    ])
  })

  test("of the only member keeps it answering for everything until it is gone", () => {
    const alone = take(member(8, [8, 8], 8), { type: "leave" })
    expect(sent(take(alone.state, heard(4, lookup(7))))).toEqual(["p4 Leaving", "p4 LookupReply"])
  })

  test("of a peer that is not in yet is nobody's business", () => {
    const gone = take(newcomer(8), { type: "leave" })
    expect(sent(gone)).toEqual([])
    expect(take(gone.state, tick, heard(4, { type: "Ping" })).state.phase).toBe("leaving")
  })
})

describe("the timer", () => {
  test("is set at the start and at every tick, whatever the phase", () => {
    for (const [, state] of beginnings) {
      for (const event of [tick, { type: "tick", lateMs: 5000 }] as const) {
        const set = take(state, event).commands.filter((command) => command.type === "setTick")
        expect(set).toEqual([{ type: "setTick", afterMs: 100 }])
      }
    }
    expect(take(newcomer(0), { type: "started" }).commands).toContainEqual({ type: "setTick", afterMs: 100 })
  })
})

test("a seed is known once, and never the peer itself", () => {
  const seeds = [peer(3), peer(3), peer(0), peer(3, 2)].map((one): Event => ({ type: "seed", peer: one }))
  const { state } = take(newcomer(0), ...seeds)
  expect(state.seeds).toEqual([peer(3, 2), peer(3)])
})

test("a seed that moved is asked where it is now", () => {
  const moved = { ...peer(3), ring: "elsewhere:1" }
  const { state } = take(newcomer(0, { founders }), { type: "seed", peer: moved })
  expect(state.seeds).toEqual([moved, peer(6), peer(9)])
})

test("a stateless peer has an instance, loses it and has another, without sessions that it would have to catch up with", () => {
  const alone = take(newcomer(0, { founders, founding: true }), { type: "started" }).state
  expect(alone.config.journal).toBe(null)
  for (const birth of [1, null, 2]) {
    expect(take(alone, { type: "instance", birth }).state.phase).toBe("member")
  }
})
