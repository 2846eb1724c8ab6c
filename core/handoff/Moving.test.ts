import { assert, describe, expect, it } from "vitest"
import { peer } from "../peer/Peer.samples.ts"
import { emptyLog, itemsFrom } from "../replication/Log.ts"
import { NO_HASH } from "../replication/Durable.ts"
import { MOST_EARLIER } from "./Home.ts"
import { OnePeer, withEntries } from "./OnePeer.samples.ts"
import { QUIET_MS } from "./Session.ts"
import { Backup, Leader, logOfAnn } from "./TwoPeers.samples.ts"

const types = (one: OnePeer): ReadonlyArray<string> => one.log.map(({ type }) => type)

/** Lets everybody pause for long enough that nothing need stay where it is. */
const rest = (one: OnePeer): void => {
  for (let i = 1; i <= 10; i++) {
    one.clock(one.state.nowMs + 2 * QUIET_MS)
    one.tick(10)
    one.settle()
  }
}

/** 300 clients are served by the newest instance; whatever runs already runs still. */
const crowd = (one: OnePeer): void => {
  const before = one.runs.length
  for (let i = 0; i < 300; i++) one.request(`client ${i}`, "c1")
  while (one.runs.length > before) one.answer(one.runs.at(-1))
  one.flush()
}

/** One go of the search for what may move. */
const look = (one: OnePeer): void => one.tick(10)

describe("an instance beside the one before it", () => {
  it("takes no session away from it, which serves them as before", () => {
    const one = withEntries(3)
    one.start()
    expect(one.replays).toHaveLength(0)
    expect(one.state.handoff.cells[0]?.behind).toBe(0)
    const token = one.request("ann", "a4")
    expect(one.runs[0]?.birth).toBe(1)
    one.settle()
    expect(one.reply(token)).toBe("answered a4")
    assert.deepEqual(types(one), [])
  })

  it("serves the clients that are new, and those whose sessions it alone may serve", () => {
    const one = withEntries(2)
    one.request("bob", "b1")
    one.settle()
    one.reset("ann")
    one.settle()
    expect(one.birth).toBe(2)
    one.request("ann", "a3")
    one.request("bob", "b2")
    one.request("eve", "e1")
    one.settle()
    expect(one.started.slice(-3).map(({ client, birth }) => [client, birth])).toEqual([
      ["ann", 2],
      ["bob", 1],
      ["eve", 2],
    ])
  })

  it("gets them when their clients pause, one at a time, and then the one before it is retired", () => {
    const one = withEntries(2)
    one.request("bob", "b1")
    one.settle()
    one.start()
    one.clock(1_000_000 + QUIET_MS - 1)
    one.tick(20)
    expect(one.replays).toHaveLength(0)
    one.clock(1_000_000 + 2 * QUIET_MS)
    one.tick(20)
    expect(one.replays).toHaveLength(1)
    one.settle()
    rest(one)
    assert.deepEqual(types(one), ["retire"])
    expect(one.seenBy(2, "ann")).toEqual(["a1", "a2"])
    expect(one.seenBy(2, "bob")).toEqual(["b1"])
  })

  it("of a cold standby is not shown what nobody asks for, and the one before it is retired all the same", () => {
    const one = withEntries(2, { standby: "cold" })
    one.start()
    rest(one)
    assert.deepEqual(types(one), ["retire"])
    expect(one.seenBy(2, "ann")).toEqual([])
    one.request("ann", "a3")
    one.settle()
    expect(one.seenBy(2, "ann")).toEqual(["a1", "a2", "a3"])
  })

  it("goes on for those of it that died unnoticed", () => {
    const one = withEntries(2)
    one.start()
    one.dieUnnoticed(1)
    const token = one.request("ann", "a3")
    one.settle()
    expect(one.reply(token)).toBe("answered a3")
    expect(one.seenBy(2, "ann")).toEqual(["a1", "a2", "a3"])
    expect(one.birth).toBe(2)
  })

  it("takes over at once what one has of which it is told that it is gone", () => {
    const one = withEntries(2)
    one.start()
    one.take({ type: "gone", birth: 1 })
    expect(one.replays.map(({ birth, client }) => [birth, client])).toEqual([[2, "ann"]])
  })

  it("is one of few: what the least used has is replayed when there is one too many", () => {
    const one = withEntries(2)
    one.request("bob", "b1")
    one.settle()
    for (let i = 0; i < MOST_EARLIER; i++) {
      one.start()
      one.request(`new ${i}`, "n1")
      one.settle()
    }
    const token = one.request("new 0", "n2")
    one.start()
    // It still runs something.
    expect([...one.retired, ...one.replays]).toEqual([])
    one.answer()
    expect([...one.retired]).toEqual([2])
    one.flush()
    expect(one.reply(token)).toBe("answered n2")
    expect(one.replays.map(({ birth, client }) => [birth, client])).toEqual([[one.birth, "new 0"]])
  })

  describe("while it is looked for in more than one go", () => {
    it("keeps one that was found to be needed in the first", () => {
      const one = new OnePeer()
      one.start()
      crowd(one)
      one.start()
      for (let i = 0; i < 4; i++) look(one)
      expect(one.state.handoff.earlier).toEqual([1])
    })

    it("keeps one that only then came to be an earlier one", () => {
      const one = new OnePeer()
      one.start()
      crowd(one)
      one.start()
      one.request("ann", "a1")
      one.answer()
      one.flush()
      expect(one.state.handoff.moving).toEqual({ from: 0, cell: 1, needed: [1] })
      one.start()
      for (let i = 0; i < 4; i++) look(one)
      expect(one.state.handoff.earlier).toEqual([1, 2])
    })

    it("keeps one on which a first request runs", () => {
      const one = new OnePeer()
      one.start()
      const token = one.request("ann", "a1")
      one.start()
      crowd(one)
      for (let i = 0; i < 4; i++) look(one)
      expect(one.state.handoff.earlier).toEqual([1])
      one.answer()
      one.flush()
      expect(one.reply(token)).toBe("answered a1")
      expect(one.state.handoff.cells[0]?.behind).toBe(0)
      rest(one)
      expect([...one.retired]).toEqual([1])
      expect(one.seenBy(2, "ann")).toEqual(["a1"])
    })
  })
})

it("a session that was reset goes on to a later instance for good, though its first request there is lost", () => {
  const one = new Leader()
  one.serve("bob", "b1", 1)
  one.serve("ann", "a1", 2)
  one.reset("ann")
  one.flush()
  one.hearThat(0, 3)
  expect(one.state.handoff.renewing).toBe(1)
  one.start()
  one.request("ann", "lost")
  expect(one.runs.map(({ birth }) => birth)).toEqual([2])
  const { head, length } = one.state.replicas[0]?.log ?? emptyLog
  const view = [one.leader, one.other]
  const away = { members: [one.other, one.leader], base: { length, head }, old: view }
  one.hear({ type: "Install", cell: 0, epoch: 1, proposal: away })
  one.answer()
  while (one.replays.length > 0) one.replayed()
  one.hear({
    type: "Install",
    cell: 0,
    epoch: 2,
    proposal: { members: view, base: away.base, old: away.members },
  })
  one.flush()
  one.hearThat(2, length)
  one.request("ann", "a2")
  expect([one.runs, one.replays]).toEqual([[], []])
  expect(one.state.handoff.renewing).toBe(2)
  one.start()
  expect(one.runs.map(({ birth, client }) => [birth, client])).toEqual([[3, "ann"]])
})

it("a session that ended while a standby replayed it is not replayed again on that instance", () => {
  const one = new Backup()
  const { at, items } = logOfAnn("ann1", "ann2", "ann3")
  one.hearOf(at(0), items.slice(0, 1))
  expect(one.replays[0]?.steps.map(({ id }) => id)).toEqual(["ann1"])
  // Elsewhere the session was reset and has begun anew, and what was before is gone.
  const view = [one.leader, one.backup]
  one.hear({ type: "Install", cell: 0, epoch: 1, proposal: { members: view, base: at(3), old: view } })
  one.hear({ type: "Pulled", cell: 0, epoch: 1, start: 2, prev: at(2), items: items.slice(2), length: 3 })
  expect(one.state.replicas[0]?.record.epoch).toBe(1)
  one.replayed()
  expect(one.replays).toEqual([])
  expect(one.state.handoff.renewing).toBe(1)
  one.settle()
  expect(one.seenBy(2, "ann")).toEqual(["ann3"])
})

it("a session that ended unnoticed is not shown again to an earlier instance that has seen it", () => {
  const one = new Backup()
  const { at, items } = logOfAnn("ann1", "ann2", "ann3")
  one.hearOf(at(0), items.slice(0, 1))
  one.replayed()
  one.start()
  expect(one.state.handoff.earlier).toEqual([1])
  const view = [one.leader, one.backup]
  one.hear({ type: "Install", cell: 0, epoch: 1, proposal: { members: view, base: at(3), old: view } })
  one.hear({ type: "Pulled", cell: 0, epoch: 1, start: 2, prev: at(2), items: items.slice(2), length: 3 })
  expect(one.replays.map(({ birth, steps }) => [birth, steps.map(({ id }) => id)])).toEqual([[2, ["ann3"]]])
})

it("what an instance has seen of a cell stays known while the cell is elsewhere, though there is a later instance", () => {
  const one = new Backup()
  const { at, items } = logOfAnn("ann1", "ann2", "ann3")
  one.hearOf(at(0), items.slice(0, 2))
  one.replayed()
  const away = { members: [one.leader, peer(9)], base: at(2), old: [one.leader, one.backup] }
  one.hear({ type: "Install", cell: 0, epoch: 1, proposal: away })
  one.hear({ type: "Retire", cell: 0, epoch: 1, view: away.members })
  one.start()
  const back = { members: [one.leader, one.backup], base: at(3), old: away.members }
  one.hear({ type: "Install", cell: 0, epoch: 2, proposal: back })
  one.hear({ type: "Pulled", cell: 0, epoch: 2, start: 0, prev: at(0), items, length: 3 })
  expect(one.state.replicas[0]?.record).toMatchObject({ role: "member", epoch: 2 })
  expect(one.replays.map(({ birth, steps }) => [birth, steps.map(({ id }) => id)])).toEqual([[1, ["ann3"]]])
  // Nobody is served from memories for ever.
  rest(one)
  expect([...one.retired]).toEqual([1])
})

it.each(["after", "before"])(
  "an instance is never gone back to that has run what the journal lacks, %s there was a later one",
  (when) => {
    const one = new Leader()
    one.serve("ann", "a1", 1)
    // That is: whether it ran on the newest.
    if (when === "after") one.start()
    one.request("ann", "lost")
    const log = one.state.replicas[0]?.log ?? emptyLog
    const base = { length: 1, head: log.head }
    const away = { members: [one.other, peer(12)], base, old: [one.leader, one.other] }
    one.hear({ type: "Install", cell: 0, epoch: 1, proposal: away })
    one.answer()
    one.hear({ type: "Retire", cell: 0, epoch: 1, view: away.members })
    expect(one.state.handoff.renewing).toBe(when === "after" ? 0 : 1)
    if (when === "before") one.start()
    const back = { members: [one.other, one.leader], base, old: away.members }
    const items = itemsFrom(log, 0).map(({ bytes }) => ({ bytes: bytes ?? new Uint8Array() }))
    one.hear({ type: "Install", cell: 0, epoch: 2, proposal: back })
    one.hear({
      type: "Pulled",
      cell: 0,
      epoch: 2,
      start: 0,
      prev: { length: 0, head: NO_HASH },
      items,
      length: 1,
    })
    expect(one.seenBy(1, "ann")).toEqual(["a1", "lost"])
    expect(one.replays.map(({ birth, steps }) => [birth, steps.map(({ id }) => id)])).toEqual([[2, ["a1"]]])
  },
)

it("a cell that is handed over while its standby replays a session costs no instance", () => {
  const one = new Backup()
  const { at, items } = logOfAnn("ann1", "ann2")
  one.hearOf(at(0), items)
  expect(one.replays).toHaveLength(1)
  const proposal = { members: [one.leader, peer(9)], base: at(2), old: [one.leader, one.backup] }
  one.hear({ type: "Install", cell: 0, epoch: 1, proposal })
  one.hear({ type: "Retire", cell: 0, epoch: 1, view: proposal.members })
  expect(one.state.replicas[0]?.record.role).toBe("tombstone")
  one.replayed()
  expect(one.state.handoff.renewing).toBe(0)
})

it("a clock that is set back keeps no instance", () => {
  const one = withEntries(1)
  one.start()
  one.clock(one.state.nowMs - 600_000)
  rest(one)
  expect([...one.retired]).toEqual([1])
})
