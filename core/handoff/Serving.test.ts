import { describe, expect, it } from "vitest"
import { peer } from "../peer/Peer.samples.ts"
import { chain } from "../replication/Chain.ts"
import { NO_HASH } from "../replication/Durable.ts"
import type { ReplicaMessage } from "../replication/ReplicaMessage.ts"
import { OnePeer } from "./OnePeer.samples.ts"
import { QUIET_MS } from "./Session.ts"
import { counts } from "./SessionView.ts"
import { Backup, entryOf } from "./TwoPeers.samples.ts"

describe("an instance that lacks something", () => {
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
  const one = new Backup({ replays: 1 })
  const append = (...clients: ReadonlyArray<string>): void => one.hearOfRequests(1_000_000, ...clients)
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

it("a session that lacks much is filled at once when its client comes back", () => {
  const one = new Backup({ replays: 16 })
  const names = ["a", "b", "c", "d", "e", "f"]
  one.die()
  one.hearOfRequests(1_000_000, ...names.flatMap((name) => Array.from({ length: 20 }, () => name)))
  one.clock(1_000_000 + 2 * QUIET_MS)
  one.start()
  expect(one.replays).toHaveLength(1)
  one.hearOfRequests(1_000_000 + 2 * QUIET_MS, ...names)
  expect(one.replays).toHaveLength(5)
  one.settle()
  expect(one.state.handoff.cells[0]?.behind).toBe(0)
})
