import fc from "fast-check"
import { assert, describe, expect, it } from "vitest"
import { difference, type OnePeer } from "./OnePeer.samples.ts"
import { sessionView } from "./SessionView.ts"
import { ThreePeers } from "./ThreePeers.samples.ts"

const others = (three: ThreePeers, i: number) => three.peers.filter((_, j) => j !== i)

const leaderIndex = (three: ThreePeers): number => three.peers.indexOf(three.mustLead())

/** A request of ann's has just been answered. */
const withOneRequest = () => {
  const three = new ThreePeers()
  three.settle()
  const leader = three.mustLead()
  leader.request("ann", "a1")
  leader.answer()
  three.pass(3)
  return { three, leader }
}

describe("a leader", () => {
  it("answers when a majority has the entry, and backups apply it", () => {
    const three = new ThreePeers()
    const leader = three.mustLead()
    const token = leader.request("ann", "a1")
    leader.answer()
    leader.flush()
    expect(leader.reply(token)).toBe("none")
    three.deliver()
    expect(leader.reply(token)).toBe("answered a1")
    three.settle()
    for (const one of three.peers) expect(one.seenBy(1, "ann")).toEqual(["a1"])
    for (const one of three.peers) expect(one.state.handoff.cells[0]?.behind ?? 0).toBe(0)
  })

  it("is followed at once by the peer that is next to lead, and by the others when the client pauses", () => {
    const { three, leader } = withOneRequest()
    const view = leader.state.replicas[0]?.record.view ?? []
    const seen = (): ReadonlyArray<number> =>
      view.map(({ id }) => {
        const one = three.peers.find(({ state }) => state.config.self.id === id)
        if (one !== undefined && one.replays.length > 0) one.replayed()
        return one?.seenBy(one.birth, "ann").length ?? 0
      })
    expect(seen()).toEqual([1, 1, 0])
    three.pass(40)
    expect(seen()).toEqual([1, 1, 1])
  })

  it("that is lost leaves its successor to it: the next standby catches up a little later", () => {
    const { three, leader: old } = withOneRequest()
    const [, , last] = old.state.replicas[0]?.record.view ?? []
    const third = three.peers.find(({ state }) => state.config.self.id === last?.id)
    assert.isDefined(third)
    three.cut.add(three.peers.indexOf(old))
    const isNext = (): boolean => third.state.replicas[0]?.record.view[1]?.id === last?.id
    for (let ticks = 0; ticks < 30 && !isNext(); ticks++) three.pass(1)
    // It is the next to lead, and its clients need it for what the one that leads now does.
    expect([isNext(), third.replays.length]).toEqual([true, 0])
    let begun = 0
    for (; begun < 25 && third.replays.length === 0; begun++) three.pass(1)
    expect(begun).toBeGreaterThan(10)
    third.replayed()
    expect(third.seenBy(1, "ann")).toEqual(["a1"])
  })

  it("cut off never answers; its successor has all that was committed, and runs the retry once", () => {
    const three = new ThreePeers()
    const old = three.mustLead()
    const index = leaderIndex(three)
    const first = old.request("ann", "a1")
    old.answer()
    three.deliver()
    expect(old.reply(first)).toBe("answered a1")
    three.settle()
    three.cut.add(index)
    const lost = old.request("ann", "a2")
    old.answer()
    three.pass(30)
    const heir = three.mustLead()
    assert.notEqual(heir, old)
    const again = heir.request("ann", "a1")
    expect(heir.reply(again)).toBe("answered a1")
    const retry = heir.request("ann", "a2")
    three.settle()
    expect(heir.reply(retry)).toBe("answered a2")
    expect(old.reply(lost)).not.toBe("answered a2")
    expect(heir.seenBy(heir.birth, "ann")).toEqual(["a1", "a2"])

    three.cut.clear()
    three.pass(60)
    three.settle()
    expect(["not-leader", "no-majority"]).toContain(old.reply(lost))
    expect(old.log).toContainEqual(expect.objectContaining({ type: "renew", birth: 1 }))
    expect(old.seenBy(old.birth, "ann")).toEqual(["a1", "a2"])
  })

  it("sends whoever still waits to its successor, as soon as it hears of it", () => {
    const three = new ThreePeers()
    three.settle()
    const old = three.mustLead()
    three.cut.add(leaderIndex(three))
    three.pass(20)
    const tokens = ["a1", "a2"].map((id) => old.request("ann", id))
    three.cut.clear()
    three.pass(15)
    expect(tokens.map((token) => old.reply(token))).toEqual(["not-leader", "not-leader"])
  })

  it("holds requests while a view changes, and serves them then", () => {
    const three = new ThreePeers()
    three.settle()
    const index = leaderIndex(three)
    three.cut.add(index)
    three.pass(3)
    const asked = others(three, index).map((one) => ({ one, token: one.request("ann", "a1") }))
    three.settle()
    const replies = asked.map(({ one, token }) => one.reply(token))
    assert.notInclude(replies, "none")
    expect(replies.some((reply) => reply === "answered a1" || reply === "not-leader")).toBe(true)
  })

  it("without a majority says so in time, and what it ran is there when the majority is back", () => {
    const three = new ThreePeers()
    three.settle()
    const index = leaderIndex(three)
    const old = three.mustLead()
    for (const i of three.peers.keys()) if (i !== index) three.cut.add(i)
    const token = old.request("ann", "a1")
    old.answer()
    const behind = old.request("ann", "a2")
    three.pass(51)
    expect(old.reply(token)).toBe("no-majority")
    expect(old.reply(behind)).toBe("no-majority")
    three.cut.clear()
    three.pass(40)
    three.settle()
    const heir = three.mustLead()
    const retry = heir.request("ann", "a1")
    three.settle()
    expect(heir.reply(retry)).toBe("answered a1")
    const runs = three.peers.flatMap((one) => one.started).filter(({ id }) => id === "a2")
    expect(runs).toHaveLength(0)
  })
})

describe("a reset that a peer did not hear of, since all of the session was gone when it came back,", () => {
  it("holds for its instance all the same: what that has seen is not served again", () => {
    const three = new ThreePeers()
    const leader = three.mustLead()
    leader.request("ann", "a1")
    three.settle()
    const index = three.peers.findIndex((one) => one !== leader)
    const [away] = three.peers.slice(index, index + 1)
    assert(away !== undefined)
    expect(away.seenBy(1, "ann")).toEqual(["a1"])
    three.cut.add(index)
    leader.reset("ann")
    three.deliver()
    three.cut.clear()
    three.pass(40)
    expect(away.state.replicas[0]?.log.start.length).toBe(2)
    expect(away.log).toContainEqual(expect.objectContaining({ type: "renew", birth: 1 }))
  })

  it("lifts a fence", () => {
    const three = new ThreePeers({ standby: "cold" })
    const index = leaderIndex(three)
    const fenced = three.mustLead()
    fenced.request("ann", "a1")
    three.settle()
    fenced.start()
    fenced.request("ann", "a2")
    fenced.replayed(undefined, 1, difference)
    expect(sessionView(fenced.state, 0, "ann").fenced).not.toBeNull()
    three.cut.add(index)
    three.pass(30)
    const token = three.mustLead().reset("ann")
    three.settle()
    expect(three.mustLead().replies.get(token)?.type).toBe("response")
    three.cut.clear()
    three.pass(60)
    expect(fenced.state.replicas[0]?.log.start.length).toBe(2)
    expect(sessionView(fenced.state, 0, "ann").fenced).toBeNull()
  })
})

type Happening = (three: ThreePeers) => void

const someone = fc.nat(2)
const onPeer = (three: ThreePeers, i: number, happen: (one: OnePeer) => void): void => {
  const one = three.peers[i]
  if (one !== undefined) happen(one)
}

const happenings: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(someone, fc.constantFrom("ann", "bob"), fc.nat(9), fc.boolean())
      .map(([i, client, id, toLeader]) => (three: ThreePeers) => {
        const one = (toLeader ? three.leader() : undefined) ?? three.peers[i]
        one?.request(client, `${id}`)
      }),
  },
  {
    weight: 8,
    arbitrary: someone.map(
      (i) => (three: ThreePeers) => onPeer(three, i, (one) => one.runs.length > 0 && one.answer()),
    ),
  },
  {
    weight: 8,
    arbitrary: someone.map(
      (i) => (three: ThreePeers) => onPeer(three, i, (one) => one.replays.length > 0 && one.replayed()),
    ),
  },
  { weight: 1, arbitrary: someone.map((i) => (three: ThreePeers) => onPeer(three, i, (one) => one.start())) },
  { weight: 1, arbitrary: someone.map((i) => (three: ThreePeers) => onPeer(three, i, (one) => one.die())) },
  {
    weight: 1,
    arbitrary: fc.tuple(someone, fc.boolean()).map(([i, isTold]) => (three: ThreePeers) => {
      onPeer(three, i, (one) => {
        const [birth] = one.state.handoff.earlier
        if (birth === undefined) return
        one.dieUnnoticed(birth)
        if (isTold) one.take({ type: "gone", birth })
      })
    }),
  },
  { weight: 6, arbitrary: fc.constant((three: ThreePeers) => three.deliver()) },
  { weight: 4, arbitrary: fc.nat(8).map((n) => (three: ThreePeers) => three.pass(n)) },
  { weight: 1, arbitrary: someone.map((i) => (three: ThreePeers) => void three.cut.add(i)) },
  {
    weight: 3,
    arbitrary: fc.nat(20).map((n) => (three: ThreePeers) => {
      const index = three.peers.findIndex((one) => one === three.leader())
      if (index < 0) return
      // Its last requests run, and are journaled there, while nobody hears of it.
      three.cut.add(index)
      for (const client of ["ann", "bob"]) onPeer(three, index, (one) => one.request(client, `${n % 10}`))
      onPeer(three, index, (one) => one.runs.length > 0 && one.answer())
      three.pass(n)
    }),
  },
  {
    weight: 3,
    arbitrary: fc.nat(20).map((n) => (three: ThreePeers) => {
      three.cut.clear()
      three.pass(n)
    }),
  },
)

describe("sessions on three peers, whatever happens", () => {
  it("keep all that was acknowledged, once and in order, on every instance", () => {
    let moves = 0
    let renewals = 0
    fc.assert(
      fc.property(
        fc.constantFrom("any" as const, "cookie" as const),
        fc.constantFrom("warm" as const, "cold" as const),
        fc.array(happenings, { maxLength: 80, size: "max" }),
        (sessionState, standby, list) => {
          const three = new ThreePeers({ sessionState, standby })
          for (const happen of list) happen(three)
          three.cut.clear()
          three.pass(60)
          three.settle()
          const leader = three.mustLead()
          for (const client of ["ann", "bob"]) {
            const probe = leader.request(client, "probe")
            three.settle()
            expect(leader.reply(probe)).toBe("answered probe")
            const journaled = leader.journaled(client)
            expect(new Set(journaled).size).toBe(journaled.length)
            for (const one of three.peers) {
              const isStandby = standby === "warm" || one === leader
              expect(isStandby ? one.seenBy(one.birth, client) : journaled).toEqual(journaled)
              for (const id of one.acknowledged(client)) expect(journaled).toContain(id)
            }
          }
          for (const one of three.peers) {
            for (const token of one.asked) expect(one.reply(token)).not.toBe("none")
            expect(one.state.handoff.cells[0]?.behind ?? 0).toBe(0)
            renewals += one.log.filter(({ type }) => type === "renew").length
          }
          moves += leader.state.replicas[0]?.record.epoch ?? 0
        },
      ),
      { numRuns: 40, seed: 2 },
    )
    // The interesting must have happened, or nothing was shown.
    expect(Math.min(moves, renewals)).toBeGreaterThan(5)
  }, 20_000)
})
