import { describe, expect, it } from "vitest"
import { peer } from "../peer/Peer.samples.ts"
import { chain } from "../replication/Chain.ts"
import { NO_HASH } from "../replication/Durable.ts"
import type { ReplicaMessage } from "../replication/ReplicaMessage.ts"
import { OnePeer } from "./OnePeer.samples.ts"
import { QUIET_MS } from "./Session.ts"
import { counts } from "./SessionView.ts"
import { Backup, entryOf } from "./TwoPeers.samples.ts"

const FIVE = ["a", "b", "c", "d", "e"]

/** A peer whose fresh instance lacks so many requests of each of these clients, who asked them `ago` ms before it came. */
const lacking = (replays: number, clients: ReadonlyArray<string>, each: number, ago = 0): OnePeer => {
  const one = new OnePeer({ replays })
  one.start()
  for (const client of clients) for (let i = 0; i < each; i++) one.request(client, `${client}${i}`)
  one.settle()
  if (ago > 0) one.clock(1_000_000 + ago)
  one.die()
  one.start()
  return one
}

describe("an instance that lacks something", () => {
  it("is filled in the background by a warm standby, in a quarter of the places", () => {
    const one = lacking(8, FIVE, 1)
    expect(one.state.handoff.cells[0]?.behind).toBe(5)
    expect(one.replays).toHaveLength(2)
    one.replayed()
    expect(one.replays).toHaveLength(2)
    expect(one.state.handoff.cells[0]?.behind).toBe(4)
    one.settle()
    expect(one.state.handoff.cells[0]?.behind).toBe(0)
  })

  it("is shown two at a time that lack much, beside those that lack little, and one that nobody has used of late", () => {
    const one = new OnePeer({ replays: 16 })
    one.start()
    const say = (times: number, clients: ReadonlyArray<string>): void => {
      for (const client of clients) for (let i = 0; i < times; i++) one.request(client, `${client}${i}`)
      one.settle()
    }
    const paused = ["a", "b", "c", "d", "e", "f"]
    const used = ["u", "v", "w", "x", "y"]
    const short = ["k", "l", "m", "n", "o"]
    say(20, paused)
    one.clock(1_000_000 + 2 * QUIET_MS)
    say(20, used)
    say(2, short)
    one.die()
    one.start()
    const under = (those: ReadonlyArray<string>): ReadonlyArray<boolean> =>
      one.replays.filter(({ client }) => those.includes(client)).map(({ run }) => one.urgent.has(run))
    const end = (those: ReadonlyArray<string>): void =>
      one.replayed(one.replays.find(({ client }) => those.includes(client)))
    expect([under(short), under(used), under(paused)]).toEqual([
      [true, true, true, true],
      [false, false],
      [false],
    ])
    end(short)
    expect(under(short)).toEqual([true, true, true, true])
    for (let left = used.length; left > 0; left--) {
      expect([under(used).length, under(paused).length]).toEqual([Math.min(2, left), 1])
      end(used)
    }
    for (const _ of short.slice(1)) end(short)
    expect([under(short), under(paused)]).toEqual([[], [false]])
    // Whoever waits does not wait for that.
    const waits = paused.find((name) => !one.replays.some(({ client }) => client === name)) ?? ""
    const token = one.request(waits, "next")
    expect(under(paused)).toEqual([false, true])
    const [first] = one.replays
    one.request(first?.client ?? "", "now")
    expect(under(paused)).toEqual([true, true])
    one.settle()
    expect(one.reply(token)).toBe("answered next")
    expect(one.state.handoff).toMatchObject({ filling: 0, replaying: 0, showing: [] })
    expect(one.state.handoff.cells[0]?.behind).toBe(0)
  })

  it("has room for a waiting request beside what it does for nobody", () => {
    const one = lacking(2, ["a", "b", "c"], 1)
    const [first] = one.replays
    expect(one.replays).toHaveLength(1)
    const client = ["a", "b", "c"].find((name) => name !== first?.client) ?? ""
    one.request(client, "next")
    expect(one.replays.map((each) => each.client)).toEqual([first?.client, client])
  })

  it.each([1, 4])(
    "leaves three places of four to those who wait, and hurries when one waits for its own",
    (replays) => {
      const one = lacking(replays, FIVE, 20)
      const [first, ...more] = one.replays
      expect([more, one.urgent.has(first?.run ?? 0)]).toEqual([[], false])
      const others = FIVE.filter((client) => client !== first?.client)
      for (const client of others.slice(0, replays)) {
        expect(one.urgent.has(first?.run ?? 0)).toBe(false)
        one.request(client, "next")
      }
      expect(one.replays).toHaveLength(replays)
      expect(one.urgent.has(first?.run ?? 0)).toBe(true)
    },
  )

  it("hurries with a session that nobody has used of late when a request waits for its place", () => {
    const one = lacking(1, ["a", "b"], 20, 2 * QUIET_MS)
    const [first] = one.replays
    expect([one.state.handoff.filling, one.urgent.has(first?.run ?? 0)]).toEqual([first?.run, false])
    one.request(first?.client === "a" ? "b" : "a", "next")
    expect(one.urgent.has(first?.run ?? 0)).toBe(true)
  })

  it("replays for a waiting request before it replays for nobody", () => {
    const one = lacking(1, FIVE, 1)
    const [first] = one.replays
    const client = FIVE.find((name) => name !== first?.client) ?? ""
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
  // Whoever leads until then waits to go.
  expect(one.urgent.has(one.replays[0]?.run ?? 0)).toBe(true)
  one.replayed()
  expect(one.replays).toHaveLength(1)
  expect(counts(one.state)).toMatchObject({ behind: 4, unready: 0 })
  const second = [leader, self, next]
  say({ type: "Install", cell: 0, epoch: 2, proposal: { members: second, base, old: first } })
  expect(one.replays).toHaveLength(3)
  expect(counts(one.state)).toMatchObject({ behind: 4, unready: 4 })
  one.settle()
  expect(counts(one.state)).toMatchObject({ behind: 0, unready: 0 })
  expect(one.state.handoff).toMatchObject({ filling: 0, replaying: 0, showing: [] })
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
  expect(one.replays).toHaveLength(3)
  one.settle()
  expect(one.state.handoff.cells[0]?.behind).toBe(0)
})

it("who goes on where its instance left off, while its client goes on too, is not filled at leisure", () => {
  const one = new Backup({ replays: 16 })
  const say = (atMs: number): void => one.hearOfRequests(atMs, ...Array.from({ length: 20 }, () => "a"))
  one.hearOfRequests(1_000_000, "a")
  say(1_000_000)
  one.replayed()
  const [goesOn] = one.replays
  expect([goesOn?.steps.length, one.urgent.has(goesOn?.run ?? 0)]).toEqual([20, true])
  expect(one.state.handoff.showing).toEqual([])
  one.clock(1_000_000 + 2 * QUIET_MS)
  say(1_000_000)
  one.replayed()
  const [paused] = one.replays
  expect([paused?.steps.length, one.urgent.has(paused?.run ?? 0)]).toEqual([20, false])
  expect(one.state.handoff.filling).toBe(paused?.run)
})

it("whoever is not near applies what a paused session lacks at leisure, as one of those that are in less of a hurry", () => {
  const [leader, next, self] = [peer(1), peer(5), peer(9)]
  const one = new OnePeer({ replicas: 3, replays: 16 }, { cells: 1, self, founders: [leader, next, self] })
  one.start()
  const items = Array.from({ length: 20 }, (_, i) => ({ bytes: entryOf("a", `a${i}`, i) }))
  const prev = { length: 0, head: NO_HASH }
  const round = { boot: 1, n: 1 }
  const message = { type: "Append", cell: 0, epoch: 0, round, prev, items, commit: items.length } as const
  one.take({ type: "message", from: leader, message })
  expect(one.replays).toEqual([])
  one.clock(1_000_000 + 2 * QUIET_MS)
  one.tick(10)
  const [replay] = one.replays
  expect([one.state.handoff.filling, one.urgent.has(replay?.run ?? 0)]).toEqual([replay?.run, false])
})

it("a session that comes to lack much while it stands in line is replayed at once when its turn comes", () => {
  const one = new Backup({ replays: 1 })
  one.hearOfRequests(1_000_000, "a", "b")
  const grows = one.replays[0]?.client === "a" ? "b" : "a"
  one.hearOfRequests(1_000_000, ...Array.from({ length: 20 }, () => grows))
  one.replayed()
  const [replay] = one.replays
  expect([replay?.steps.length, one.urgent.has(replay?.run ?? 0)]).toEqual([21, true])
})
