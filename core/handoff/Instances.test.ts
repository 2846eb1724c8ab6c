import { assert, describe, expect, it } from "vitest"
import { encodeEntry } from "../codec/EntryCodec.ts"
import type { JournalConfig } from "../peer/JournalConfig.ts"
import { peer } from "../peer/Peer.samples.ts"
import { chain } from "../replication/Chain.ts"
import { type LogMark, NO_HASH } from "../replication/Durable.ts"
import { emptyLog, itemsFrom } from "../replication/Log.ts"
import type { ReplicaMessage } from "../replication/ReplicaMessage.ts"
import { HOLD_TICKS } from "./Holding.ts"
import { MOST_EARLIER } from "./Home.ts"
import { bytesOf, difference, OnePeer } from "./OnePeer.samples.ts"
import { QUIET_MS } from "./Session.ts"
import { counts } from "./SessionView.ts"

const types = (one: OnePeer): ReadonlyArray<string> => one.log.map(({ type }) => type)

/** A peer with `count` committed requests of ann, each `a1`, `a2`, ... */
const withEntries = (count: number, more: Partial<JournalConfig> = {}, client = "ann"): OnePeer => {
  const one = new OnePeer(more)
  one.start()
  for (let i = 1; i <= count; i++) one.request(client, `a${i}`)
  one.settle()
  return one
}

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
    for (const [client, id] of [
      ["ann", "a3"],
      ["bob", "b2"],
      ["eve", "e1"],
    ] as const) {
      one.request(client, id)
    }
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

describe("a fresh instance", () => {
  it("is shown all that is committed before it serves a session", () => {
    const one = withEntries(3, { standby: "cold" })
    one.die()
    one.start()
    const token = one.request("ann", "a4")
    expect(one.runs).toHaveLength(0)
    expect(one.replays.map(({ steps, birth }) => [birth, steps.map(({ id }) => id)])).toEqual([
      [2, ["a1", "a2", "a3"]],
    ])
    one.settle()
    expect(one.reply(token)).toBe("answered a4")
    expect(one.seenBy(2, "ann")).toEqual(["a1", "a2", "a3", "a4"])
  })

  it("goes on where it was: what was replayed is not replayed again", () => {
    const one = withEntries(3, { standby: "cold" })
    one.die()
    one.start()
    one.request("ann", "a4")
    one.settle()
    one.request("ann", "a5")
    expect(one.replays).toHaveLength(0)
    expect(one.runs).toHaveLength(1)
  })

  it("is filled in the background by a warm standby, in a quarter of the places", () => {
    const one = new OnePeer({ replays: 8 })
    one.start()
    for (const client of ["a", "b", "c", "d", "e"]) one.request(client, `${client}1`)
    one.settle()
    one.die()
    one.start()
    expect(one.state.handoff.cells[0]?.behind).toBe(5)
    expect(one.replays).toHaveLength(2)
    one.replayed()
    expect(one.replays).toHaveLength(2)
    expect(one.state.handoff.cells[0]?.behind).toBe(4)
    one.settle()
    expect(one.state.handoff.cells[0]?.behind).toBe(0)
  })

  it("is filled with the sessions in use, and beside them with one at a time of the others that lack much", () => {
    const one = new OnePeer({ replays: 16 })
    one.start()
    const say = (...clients: ReadonlyArray<string>): void => {
      for (const client of clients) for (let i = 0; i < 20; i++) one.request(client, `${client}${i}`)
      one.settle()
    }
    const paused = ["a", "b", "c", "d", "e", "f"]
    const used = ["u", "v", "w", "x", "y", "z"]
    say(...paused)
    one.clock(1_000_000 + 2 * QUIET_MS)
    say(...used)
    one.die()
    one.start()
    const under = (those: ReadonlyArray<string>): number =>
      one.replays.filter(({ client }) => those.includes(client)).length
    for (let ended = 0; ended < used.length; ended++) {
      expect([under(used), under(paused)]).toEqual([Math.min(4, used.length - ended), 1])
      one.replayed(one.replays.find(({ client }) => used.includes(client)))
    }
    // Whoever waits does not wait for that.
    const waits = paused.find((client) => one.replays[0]?.client !== client) ?? ""
    const token = one.request(waits, "next")
    expect(under(paused)).toBe(2)
    one.settle()
    expect(one.reply(token)).toBe("answered next")
    expect(one.state.handoff).toMatchObject({ filling: 0, replaying: 0 })
    expect(one.state.handoff.cells[0]?.behind).toBe(0)
  })

  it("has room for a waiting request beside what it does for nobody", () => {
    const one = new OnePeer({ replays: 2 })
    one.start()
    for (const client of ["a", "b", "c"]) one.request(client, `${client}1`)
    one.settle()
    one.die()
    one.start()
    const [first] = one.replays
    expect(one.replays).toHaveLength(1)
    const client = ["a", "b", "c"].find((name) => name !== first?.client) ?? ""
    one.request(client, "next")
    expect(one.replays.map((each) => each.client)).toEqual([first?.client, client])
  })

  it("replays for a waiting request before it replays for nobody", () => {
    const one = new OnePeer({ replays: 1 })
    one.start()
    for (const client of ["a", "b", "c", "d", "e"]) one.request(client, `${client}1`)
    one.settle()
    one.die()
    one.start()
    const [first] = one.replays
    const client = ["a", "b", "c", "d", "e"].find((name) => name !== first?.client) ?? ""
    one.request(client, "next")
    one.replayed()
    expect(one.replays[0]?.client).toBe(client)
  })
})

describe("a request that the service does not survive", () => {
  it("is run once more on the next instance; the second death is its answer, and replay skips it", () => {
    const one = withEntries(1)
    const token = one.request("ann", "bad")
    one.die()
    expect(one.reply(token)).toBe("none")
    one.start()
    one.replayed()
    expect(one.runs).toHaveLength(1)
    one.die()
    one.flush()
    expect(one.reply(token)).toBe("died bad")
    one.start()
    const [replay] = one.replays
    expect(replay?.steps.map(({ id, replay: how }) => [id, how])).toEqual([
      ["a1", "compare"],
      ["bad", "skip"],
    ])
    one.settle()
  })

  it("that hangs is answered for it, and skipped", () => {
    const one = withEntries(1)
    const token = one.request("ann", "slow")
    one.answer(undefined, "hung")
    one.flush()
    expect(one.reply(token)).toBe("hung slow")
    assert.isNull(one.state.handoff.birth)
    one.start()
    expect(one.replays[0]?.steps.at(-1)?.replay).toBe("skip")
  })

  it("during replay thrice is not replayed for ever", () => {
    const one = withEntries(2)
    one.die()
    for (let i = 0; i < 3; i++) {
      one.start()
      one.die()
    }
    one.start()
    expect(one.replays).toHaveLength(0)
    expect(one.reply(one.request("ann", "a3"))).toBe("diverged")
  })
})

describe("a replay that differs", () => {
  it("is reported at once, tried on a fresh instance at the next request, and fenced if it differs again", () => {
    const one = withEntries(2)
    one.die()
    one.start()
    one.replayed(undefined, 1, difference)
    expect(one.log.filter(({ type }) => type === "trace")).toHaveLength(1)
    expect(types(one)).not.toContain("renew")
    const token = one.request("ann", "a3")
    expect(types(one)).toContain("renew")
    one.start()
    one.replayed(undefined, 1, difference)
    expect(one.reply(token)).toBe("diverged")
    expect(one.reply(one.request("ann", "a4"))).toBe("diverged")
    const last = one.log.findLast(({ type }) => type === "trace")
    expect(last).toMatchObject({ record: { type: "diverged", client: "ann", entry: 0, fenced: true } })
  })

  it("goes on if a fresh instance agrees", () => {
    const one = withEntries(2)
    one.die()
    one.start()
    one.replayed(undefined, 1, difference)
    const token = one.request("ann", "a3")
    one.settle()
    expect(one.reply(token)).toBe("answered a3")
  })

  it("says how to go on, in words that a shell takes as they are meant, whatever the client is called", () => {
    const client = "o'hara; rm -rf ~"
    const one = withEntries(1, { standby: "cold" }, client)
    one.die()
    one.start()
    const token = one.request(client, "a2")
    one.replayed(undefined, 0, difference)
    expect(one.replies.get(token)).toMatchObject({
      reason: expect.stringMatching(/ ringstead session reset 'o'\\''hara; rm -rf ~'$/),
    })
  })

  it("fences at once where there is no standby, until it is reset", () => {
    const one = withEntries(2, { standby: "cold" })
    one.die()
    one.start()
    const token = one.request("ann", "a3")
    one.replayed(undefined, 1, difference)
    expect(one.reply(token)).toBe("diverged")
    const reset = one.reset("ann")
    one.flush()
    expect(one.reply(reset)).toBe("")
    const after = one.request("ann", "a4")
    one.settle()
    expect(one.reply(after)).toBe("answered a4")
    expect(one.seenBy(one.birth, "ann")).toEqual(["a4"])
    expect(one.birth).toBe(3)
  })
})

/** A backup of peer 1, which leads the cell. */
const backup = (more: Partial<JournalConfig> = {}): OnePeer => {
  const founders = [peer(1), peer(5)]
  const one = new OnePeer({ replicas: 2, ...more }, { cells: 1, self: peer(5), founders })
  one.start()
  return one
}
const entryOf = (client: string, id: string, index: number): Uint8Array =>
  encodeEntry({
    type: "request",
    client,
    id,
    at: 1_000_000 + index,
    replay: "compare",
    request: bytesOf(id),
    response: bytesOf(`answered ${id}`),
  })
const ofAnn = (id: string, index: number): Uint8Array => entryOf("ann", id, index)

it("who is to lead by plan fills one session at a time, and when it is the next more at once", () => {
  const [self, leader, next] = [peer(1), peer(5), peer(9)]
  const founders = [self, leader, next]
  const one = new OnePeer({ replicas: 3, replays: 16 }, { cells: 1, self, founders })
  one.start()
  const names = ["a", "b", "c", "d", "e"].flatMap((client) => Array.from({ length: 20 }, () => client))
  const items = names.map((client, i) => ({ bytes: entryOf(client, `${client}${i}`, i) }))
  const base = { length: items.length, head: chain(NO_HASH, items).at(-1)?.head ?? NO_HASH }
  const prev = { length: 0, head: NO_HASH }
  const say = (message: ReplicaMessage): void => one.take({ type: "message", from: leader, message })
  const first = [leader, next, self]
  say({ type: "Install", cell: 0, epoch: 1, proposal: { members: first, base, old: founders } })
  say({ type: "Pulled", cell: 0, epoch: 1, start: 0, prev, items, length: base.length })
  expect(one.replays).toHaveLength(1)
  one.replayed()
  expect(one.replays).toHaveLength(1)
  expect(counts(one.state)).toMatchObject({ behind: 4, unready: 0 })
  const second = [leader, self, next]
  say({ type: "Install", cell: 0, epoch: 2, proposal: { members: second, base, old: first } })
  expect(one.replays).toHaveLength(4)
  expect(counts(one.state)).toMatchObject({ behind: 4, unready: 4 })
  one.settle()
  expect(counts(one.state)).toMatchObject({ behind: 0, unready: 0 })
  expect(one.state.handoff).toMatchObject({ filling: 0, replaying: 0 })
  expect(one.state.handoff.cells[0]?.behind).toBe(0)
})

it("a standby shows its instance each session in its turn: who falls behind later waits for all who did before", () => {
  const one = backup({ replays: 1 })
  let prev: LogMark = { length: 0, head: NO_HASH }
  const append = (...clients: ReadonlyArray<string>): void => {
    const items = clients.map((client, i) => ({ bytes: entryOf(client, `${client}${i}`, prev.length + i) }))
    const commit = prev.length + items.length
    const message = { cell: 0, epoch: 0, round: { boot: 1, n: 1 }, prev, items, commit }
    prev = { length: commit, head: chain(prev.head, items).at(-1)?.head ?? NO_HASH }
    one.take({ type: "message", from: peer(1), message: { type: "Append", ...message } })
  }
  const order: Array<string> = []
  const replayNext = (): void => {
    order.push(one.replays[0]?.client ?? "")
    one.replayed()
  }
  append("a", "b", "c", "d", "e")
  replayNext()
  replayNext()
  const [first = "", second = ""] = order
  append(first, second)
  while (one.replays.length > 0) replayNext()
  expect(order.slice(0, 5).toSorted()).toEqual(["a", "b", "c", "d", "e"])
  expect(order.slice(5)).toEqual([first, second])
})

it("a session that ended while a standby replayed it is not replayed again on that instance", () => {
  const one = backup()
  const [from, self] = [peer(1), peer(5)]
  const say = (message: ReplicaMessage): void => one.take({ type: "message", from, message })
  const items = ["ann1", "ann2", "ann3"].map((id, index) => ({ bytes: ofAnn(id, index) }))
  const log = chain(NO_HASH, items)
  const at = (length: number): LogMark => ({ length, head: log[length - 1]?.head ?? NO_HASH })
  const place = { cell: 0, epoch: 0, round: { boot: 1, n: 1 } }
  say({ type: "Append", ...place, prev: at(0), items: items.slice(0, 1), commit: 1 })
  expect(one.replays[0]?.steps.map(({ id }) => id)).toEqual(["ann1"])
  // Elsewhere the session was reset and has begun anew, and what was before is gone.
  const view = [from, self]
  say({ type: "Install", cell: 0, epoch: 1, proposal: { members: view, base: at(3), old: view } })
  say({ type: "Pulled", cell: 0, epoch: 1, start: 2, prev: at(2), items: items.slice(2), length: 3 })
  expect(one.state.replicas[0]?.record.epoch).toBe(1)
  one.replayed()
  expect(one.replays).toEqual([])
  expect(one.state.handoff.renewing).toBe(1)
  one.settle()
  expect(one.seenBy(2, "ann")).toEqual(["ann3"])
})

it("a session that ended unnoticed is not shown again to an earlier instance that has seen it", () => {
  const one = backup()
  const [from, self] = [peer(1), peer(5)]
  const say = (message: ReplicaMessage): void => one.take({ type: "message", from, message })
  const items = ["ann1", "ann2", "ann3"].map((id, index) => ({ bytes: ofAnn(id, index) }))
  const log = chain(NO_HASH, items)
  const at = (length: number): LogMark => ({ length, head: log[length - 1]?.head ?? NO_HASH })
  const place = { cell: 0, epoch: 0, round: { boot: 1, n: 1 } }
  say({ type: "Append", ...place, prev: at(0), items: items.slice(0, 1), commit: 1 })
  one.replayed()
  one.start()
  expect(one.state.handoff.earlier).toEqual([1])
  const view = [from, self]
  say({ type: "Install", cell: 0, epoch: 1, proposal: { members: view, base: at(3), old: view } })
  say({ type: "Pulled", cell: 0, epoch: 1, start: 2, prev: at(2), items: items.slice(2), length: 3 })
  expect(one.replays.map(({ birth, steps }) => [birth, steps.map(({ id }) => id)])).toEqual([[2, ["ann3"]]])
})

it("a session that was reset goes on to a later instance for good, though its first request there is lost", () => {
  const [self, other] = [peer(5), peer(9)]
  const one = new OnePeer({ replicas: 2 }, { cells: 1, self, founders: [self, other] })
  one.start()
  const say = (message: ReplicaMessage): void => one.take({ type: "message", from: other, message })
  const acknowledge = (epoch: number, length: number): void =>
    say({ type: "AppendAck", cell: 0, epoch, round: null, length, warm: false })
  const serve = (client: string, id: string, length: number): void => {
    one.request(client, id)
    one.answer()
    one.flush()
    acknowledge(0, length)
  }
  acknowledge(0, 0)
  one.flush()
  serve("bob", "b1", 1)
  serve("ann", "a1", 2)
  one.reset("ann")
  one.flush()
  acknowledge(0, 3)
  expect(one.state.handoff.renewing).toBe(1)
  one.start()
  one.request("ann", "lost")
  expect(one.runs.map(({ birth }) => birth)).toEqual([2])
  const { head, length } = one.state.replicas[0]?.log ?? emptyLog
  const view = [self, other]
  const away = { members: [other, self], base: { length, head }, old: view }
  say({ type: "Install", cell: 0, epoch: 1, proposal: away })
  one.answer()
  while (one.replays.length > 0) one.replayed()
  say({ type: "Install", cell: 0, epoch: 2, proposal: { members: view, base: away.base, old: away.members } })
  one.flush()
  acknowledge(2, length)
  one.request("ann", "a2")
  expect([one.runs, one.replays]).toEqual([[], []])
  expect(one.state.handoff.renewing).toBe(2)
  one.start()
  expect(one.runs.map(({ birth, client }) => [birth, client])).toEqual([[3, "ann"]])
})

it("whoever waits in line for a replay is not turned away because an instance dies", () => {
  const one = new OnePeer({ replays: 1 })
  one.start()
  const clients = ["a", "b", "c"]
  for (const client of clients) one.request(client, `${client}1`)
  one.settle()
  one.die()
  one.start()
  const token = one.request(clients.find((name) => name !== one.replays[0]?.client) ?? "", "next")
  one.tick(HOLD_TICKS + 10)
  one.die()
  one.tick()
  expect(one.reply(token)).toBe("none")
  one.settle()
  expect(one.reply(token)).toBe("answered next")
})

it("a session that lacks much is filled at once when its client comes back", () => {
  const one = backup({ replays: 16 })
  const names = ["a", "b", "c", "d", "e", "f"]
  let prev: LogMark = { length: 0, head: NO_HASH }
  const append = (at: number, ...clients: ReadonlyArray<string>): void => {
    const items = clients.map((client, i) => ({
      bytes: entryOf(client, `${prev.length + i}`, at - 1_000_000),
    }))
    const commit = prev.length + items.length
    const message = { cell: 0, epoch: 0, round: { boot: 1, n: 1 }, prev, items, commit }
    prev = { length: commit, head: chain(prev.head, items).at(-1)?.head ?? NO_HASH }
    one.take({ type: "message", from: peer(1), message: { type: "Append", ...message } })
  }
  one.die()
  append(1_000_000, ...names.flatMap((name) => Array.from({ length: 20 }, () => name)))
  one.clock(1_000_000 + 2 * QUIET_MS)
  one.start()
  expect(one.replays).toHaveLength(1)
  append(1_000_000 + 2 * QUIET_MS, ...names)
  expect(one.replays).toHaveLength(5)
  one.settle()
  expect(one.state.handoff.cells[0]?.behind).toBe(0)
})

it("a clock that is set back keeps no instance", () => {
  const one = withEntries(1)
  one.start()
  one.clock(one.state.nowMs - 600_000)
  rest(one)
  expect([...one.retired]).toEqual([1])
})

it("what an instance has seen of a cell stays known while the cell is elsewhere, though there is a later instance", () => {
  const one = backup()
  const [from, self] = [peer(1), peer(5)]
  const say = (message: ReplicaMessage): void => one.take({ type: "message", from, message })
  const items = ["ann1", "ann2", "ann3"].map((id, index) => ({ bytes: ofAnn(id, index) }))
  const log = chain(NO_HASH, items)
  const at = (length: number): LogMark => ({ length, head: log[length - 1]?.head ?? NO_HASH })
  const place = { cell: 0, epoch: 0, round: { boot: 1, n: 1 } }
  say({ type: "Append", ...place, prev: at(0), items: items.slice(0, 2), commit: 2 })
  one.replayed()
  const away = { members: [from, peer(9)], base: at(2), old: [from, self] }
  say({ type: "Install", cell: 0, epoch: 1, proposal: away })
  say({ type: "Retire", cell: 0, epoch: 1, view: away.members })
  one.start()
  const back = { members: [from, self], base: at(3), old: away.members }
  say({ type: "Install", cell: 0, epoch: 2, proposal: back })
  say({ type: "Pulled", cell: 0, epoch: 2, start: 0, prev: at(0), items, length: 3 })
  expect(one.state.replicas[0]?.record).toMatchObject({ role: "member", epoch: 2 })
  expect(one.replays.map(({ birth, steps }) => [birth, steps.map(({ id }) => id)])).toEqual([[1, ["ann3"]]])
  // Nobody is served from memories for ever.
  rest(one)
  expect([...one.retired]).toEqual([1])
})

it.each(["after", "before"])(
  "an instance is never gone back to that has run what the journal lacks, %s there was a later one",
  (when) => {
    const [self, other] = [peer(5), peer(9)]
    const one = new OnePeer({ replicas: 2 }, { cells: 1, self, founders: [self, other] })
    one.start()
    const say = (message: ReplicaMessage): void => one.take({ type: "message", from: other, message })
    const acknowledge = (length: number): void =>
      say({ type: "AppendAck", cell: 0, epoch: 0, round: null, length, warm: false })
    acknowledge(0)
    one.flush()
    one.request("ann", "a1")
    one.answer()
    one.flush()
    acknowledge(1)
    // That is: whether it ran on the newest.
    if (when === "after") one.start()
    one.request("ann", "lost")
    const log = one.state.replicas[0]?.log ?? emptyLog
    const base = { length: 1, head: log.head }
    const away = { members: [other, peer(12)], base, old: [self, other] }
    say({ type: "Install", cell: 0, epoch: 1, proposal: away })
    one.answer()
    say({ type: "Retire", cell: 0, epoch: 1, view: away.members })
    expect(one.state.handoff.renewing).toBe(when === "after" ? 0 : 1)
    if (when === "before") one.start()
    const back = { members: [other, self], base, old: away.members }
    const items = itemsFrom(log, 0).map(({ bytes }) => ({ bytes: bytes ?? new Uint8Array() }))
    say({ type: "Install", cell: 0, epoch: 2, proposal: back })
    say({ type: "Pulled", cell: 0, epoch: 2, start: 0, prev: { length: 0, head: NO_HASH }, items, length: 1 })
    expect(one.seenBy(1, "ann")).toEqual(["a1", "lost"])
    expect(one.replays.map(({ birth, steps }) => [birth, steps.map(({ id }) => id)])).toEqual([[2, ["a1"]]])
  },
)

it("a cell that is handed over while its standby replays a session costs no instance", () => {
  const one = backup()
  const [from, self] = [peer(1), peer(5)]
  const say = (message: ReplicaMessage): void => one.take({ type: "message", from, message })
  const items = ["ann1", "ann2"].map((id, index) => ({ bytes: ofAnn(id, index) }))
  const place = { cell: 0, epoch: 0, round: { boot: 1, n: 1 } }
  say({ type: "Append", ...place, prev: { length: 0, head: NO_HASH }, items, commit: 2 })
  expect(one.replays).toHaveLength(1)
  const head = chain(NO_HASH, items)[1]?.head ?? NO_HASH
  const proposal = { members: [from, peer(9)], base: { length: 2, head }, old: [from, self] }
  say({ type: "Install", cell: 0, epoch: 1, proposal })
  say({ type: "Retire", cell: 0, epoch: 1, view: proposal.members })
  expect(one.state.replicas[0]?.record.role).toBe("tombstone")
  one.replayed()
  expect(one.state.handoff.renewing).toBe(0)
})
