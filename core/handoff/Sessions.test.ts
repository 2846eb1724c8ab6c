import * as HashMap from "effect/HashMap"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { homeOf } from "./Home.ts"
import { isBehind } from "./Session.ts"
import { holdsUpMove, tokensIn } from "./Lane.ts"
import { difference, OnePeer } from "./OnePeer.samples.ts"

type Happening = (one: OnePeer) => void

const clients = fc.constantFrom("ann", "bob", "eve")
const ids = fc.nat(7)

/** Anything that can happen to a peer that is alone; most of it good. */
const happenings: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(clients, ids).map(
      ([client, id]) =>
        (one: OnePeer) =>
          void one.request(client, `${id}`),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(clients, ids).map(
      ([client, id]) =>
        (one: OnePeer) =>
          void one.request(client, `read${id}`, true),
    ),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.nat(5), fc.constantFrom("answered", "answered", "answered", "answered", "unjournaled"))
      .map(([n, type]) => (one: OnePeer) => {
        if (one.runs.length > 0) one.answer(one.runs[n % one.runs.length], type)
      }),
  },
  {
    weight: 1,
    arbitrary: fc.nat(5).map((n) => (one: OnePeer) => {
      const run = one.runs[n % one.runs.length]
      if (run === undefined) return
      const isNewest = run.birth === one.state.handoff.birth
      one.answer(run, "hung")
      if (isNewest) one.die()
      else one.dieUnnoticed(run.birth)
    }),
  },
  {
    weight: 1,
    arbitrary: fc.nat(5).map((n) => (one: OnePeer) => {
      const { earlier } = one.state.handoff
      const birth = earlier[n % earlier.length]
      if (birth !== undefined) one.dieUnnoticed(birth)
    }),
  },
  {
    weight: 8,
    arbitrary: fc.nat(5).map((n) => (one: OnePeer) => {
      if (one.replays.length > 0) one.replayed(one.replays[n % one.replays.length])
    }),
  },
  {
    weight: 1,
    arbitrary: fc.nat(5).map((n) => (one: OnePeer) => {
      const replay = one.replays[n % one.replays.length]
      if (replay !== undefined && replay.steps.length > 0) one.replayed(replay, 1, difference)
    }),
  },
  { weight: 8, arbitrary: fc.constant((one: OnePeer) => one.flush()) },
  { weight: 2, arbitrary: fc.constant((one: OnePeer) => one.start()) },
  { weight: 1, arbitrary: fc.constant((one: OnePeer) => one.die()) },
  { weight: 1, arbitrary: clients.map((client) => (one: OnePeer) => void one.reset(client)) },
  { weight: 2, arbitrary: fc.nat(60).map((n) => (one: OnePeer) => one.tick(n)) },
  {
    weight: 2,
    arbitrary: fc.nat(4_000).map((ms) => (one: OnePeer) => {
      one.clock(one.state.nowMs + ms)
      one.tick(10)
    }),
  },
  { weight: 1, arbitrary: fc.nat(100_000).map((ms) => (one: OnePeer) => one.clock(1_000_000 + ms)) },
)

const configs = fc.record({
  standby: fc.constantFrom("warm" as const, "cold" as const),
  sessionState: fc.constantFrom("any" as const, "cookie" as const),
  sessionEntries: fc.constantFrom(4, 100),
})

/** What is counted is what there is. */
const mustAddUp = ({ state }: OnePeer): void => {
  const { handoff, replicas } = state
  const backlogged = new Set<number>()
  for (const [cell, sessions] of handoff.cells.entries()) {
    if (sessions === null) continue
    const lanes = [...HashMap.values(sessions.lanes)]
    expect(sessions.waiting).toBe(lanes.reduce((sum, lane) => sum + tokensIn(lane), 0))
    expect(sessions.running).toBe(lanes.filter(holdsUpMove).length)
    expect(sessions.backlogged).toBe(HashMap.size(sessions.backlog))
    const all = [...HashMap.values(sessions.sessions)]
    const behind = all.filter((one) => isBehind(one, homeOf(handoff, one), replicas[cell]?.commit ?? 0))
    expect(sessions.behind).toBe(state.config.journal?.standby === "warm" ? behind.length : 0)
    expect(all.filter((one) => one.behind)).toHaveLength(sessions.behind)
    if (sessions.backlogged > 0) backlogged.add(cell)
  }
  expect(new Set(HashMap.keys(handoff.backlogged))).toEqual(backlogged)
  expect(handoff.replaying).toBe(
    [...HashMap.values(handoff.jobs)].filter((job) => job.replay !== null).length,
  )
}

describe("sessions, whatever happens", () => {
  it("are run in order, once, behind all that is journaled, and every request is answered once", () => {
    fc.assert(
      fc.property(configs, fc.array(happenings, { maxLength: 120, size: "max" }), (config, list) => {
        const one = new OnePeer(config)
        for (const happen of list) {
          happen(one)
          mustAddUp(one)
        }
        one.settle()
        for (const token of one.asked) expect(one.reply(token)).not.toBe("none")
        mustAddUp(one)
        expect(one.state.handoff.cells[0]?.waiting ?? 0).toBe(0)
        // Once all clients have paused for long enough one instance is left.
        for (let i = 1; i <= 50 && one.state.handoff.earlier.length > 0; i++) {
          one.clock(one.state.nowMs + 3_000)
          one.tick(10)
          one.settle()
          mustAddUp(one)
        }
        expect(one.state.handoff).toMatchObject({ birth: one.birth, earlier: [], outdated: [] })
      }),
      { numRuns: 150, seed: 1 },
    )
  })
})
