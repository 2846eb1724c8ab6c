import { expect, test } from "vitest"
import { encodeEntry } from "../codec/EntryCodec.ts"
import type { Contact } from "../peer/Contact.ts"
import { putFetch } from "./Cells.ts"
import { chain } from "./Chain.ts"
import { Cluster, entry, type Flight } from "./Cluster.samples.ts"
import { NO_HASH } from "./Durable.ts"
import { append, emptyLog, headAt, itemsFrom, type Log, markOf } from "./Log.ts"
import type { ReplicaMessage } from "./ReplicaMessage.ts"
import { atATime, REPEAT_TICKS } from "./Replication.ts"
import type { View } from "./View.ts"

const big = new Uint8Array(100_000)

/** A log of `count` entries, each too large for more than two to travel in one message. */
const logOf = (prefix: string, count: number): Log => {
  const items = Array.from({ length: count }, (_, i) => ({
    bytes: encodeEntry({ ...entry(`${prefix}${i}`), response: big }),
  }))
  return append(emptyLog, chain(NO_HASH, items))
}

test.each([
  [0, 12],
  [3, 12],
  [3, 8],
  [3, 7],
  [3, 6],
])(
  "what was learned in an epoch whose end was lost does not stand in the way of what stayed: %i of %i entries in common",
  (common, length) => {
    const cluster = new Cluster(4).startAll()
    cluster.ticks(3)
    for (let i = 0; i < length; i++) cluster.proposeBytes(0, `${i < common ? "a" : "b"}${i}`, big)
    cluster.settle()
    const [leader, lost] = cluster.contacts
    const log = cluster.replica(0)?.log
    if (leader === undefined || lost === undefined || log === undefined) throw new Error("no leader")
    // Seven entries of which the view that followed had only the first few.
    const staged = logOf("a", 7)
    const view = cluster.contacts.slice(0, 3)
    cluster.act(3, (turn) =>
      putFetch(turn, 0, {
        purpose: { type: "learn", epoch: 0, view, from: lost },
        target: markOf(staged),
        staged,
        sources: [lost],
        at: 0,
        askedAt: 0,
        wantedAt: turn.state.turns,
      }),
    )
    const from = leader
    cluster.happen(3, {
      type: "message",
      from,
      message: { type: "Learn", cell: 0, epoch: 0, view, log: markOf(log) },
    })
    cluster.ticks(12)
    expect(cluster.node(3).state?.replication.fetches.get(0)?.staged.head).toBe(log.head)
  },
)

test("a newcomer learns so many logs at a time, and those that nobody offers any more make room for others", () => {
  const cluster = new Cluster(4, { cells: 12 }).startAll()
  cluster.ticks(3)
  const view = cluster.contacts.slice(0, 3)
  const log = markOf(logOf("a", 2))
  const offer = (cell: number, from: Contact | undefined): void => {
    if (from === undefined) throw new Error("no peer")
    cluster.happen(3, { type: "message", from, message: { type: "Learn", cell, epoch: 0, view, log } })
  }
  const learns = () =>
    [...(cluster.node(3).state?.replication.fetches.keys() ?? [])].toSorted((a, b) => a - b)
  const lost = view[0]
  for (let cell = 0; cell < 8; cell++) offer(cell, lost)
  expect(learns()).toEqual([0, 1])
  offer(8, view[1])
  expect(atATime(12)).toBe(2)
  expect(learns()).not.toContain(8)
  // Whoever offered them says nothing any more, nor does anybody have such a log.
  cluster.ticks(2 * REPEAT_TICKS + 1)
  offer(8, view[1])
  expect(learns()).toContain(8)
})

test("a peer that is to follow in many cells at once takes on so many logs a tick, the one that is to lead all at once", () => {
  const cells = 12
  const asked = (leads: boolean): ReadonlyArray<number> => {
    const cluster = new Cluster(4, { cells }).startAll()
    cluster.ticks(3)
    const [from, other, third] = cluster.contacts
    const self = cluster.contacts[3]
    if (!from || !other || !third || !self) throw new Error("no peers")
    cluster.network = []
    const members = leads ? [self, from, other] : [from, other, self]
    const proposal = { members, base: markOf(logOf("a", 2)), old: [from, other, third] }
    for (let cell = 0; cell < cells; cell++) {
      cluster.happen(3, { type: "message", from, message: { type: "Install", cell, epoch: 1, proposal } })
    }
    // Nobody answers, so that nothing is asked for because something has come.
    const pulls = () =>
      new Set(cluster.network.flatMap(({ message }) => (message.type === "Pull" ? [message.cell] : [])))
    const counts = [pulls().size]
    for (let ticks = 0; ticks < 40; ticks++) {
      cluster.happen(3, { type: "tick", lateMs: 0 })
      counts.push(pulls().size)
    }
    return counts
  }
  expect(asked(true)[0]).toBe(cells)
  const counts = asked(false)
  expect(counts.slice(0, 3)).toEqual([2, 4, 6])
  expect(counts.at(-1)).toBe(cells)
})

test("who is offered a log as a newcomer, and is a member already, has missed its view and asks for that", () => {
  const cluster = new Cluster(4).startAll()
  cluster.ticks(3)
  const [, from] = cluster.contacts
  if (from === undefined) throw new Error("no peer")
  cluster.network = []
  const offer = (epoch: number, view: View): void => {
    const message: ReplicaMessage = { type: "Learn", cell: 0, epoch, view, log: markOf(emptyLog) }
    cluster.happen(3, { type: "message", from, message })
  }
  offer(1, cluster.contacts.slice(0, 3))
  offer(2, cluster.contacts.slice(1))
  expect(cluster.network.map(({ message }) => message.type)).toEqual(["Learned", "ViewQuery"])
})

test("a log that goes on in a later epoch is not taken for that of an earlier one: its view is asked for", () => {
  const cluster = new Cluster(4).startAll()
  cluster.ticks(3)
  const [from] = cluster.contacts
  if (from === undefined) throw new Error("no peer")
  const log = logOf("a", 5)
  const at = (length: number) => ({ length, head: headAt(log, length) ?? NO_HASH })
  const say = (message: ReplicaMessage): void => cluster.happen(3, { type: "message", from, message })
  const proposal = { members: cluster.contacts.slice(1), base: at(2), old: cluster.contacts.slice(0, 3) }
  say({ type: "Install", cell: 0, epoch: 1, proposal })
  cluster.network = []
  const items = itemsFrom(log, 3).map(({ digest }) => ({ digest }))
  const pulled = { type: "Pulled", cell: 0, prev: at(3), items, start: 3, length: 5 } as const
  say({ ...pulled, epoch: 2 })
  expect(cluster.replica(3)).toBeNull()
  expect(cluster.network.map(({ message }) => message.type)).toEqual(["ViewQuery"])
  say({ ...pulled, epoch: 1 })
  expect(cluster.replica(3)?.record.epoch).toBe(1)
})

test("a newcomer that is in a view no more before it has the log fetches it no further", () => {
  const cluster = new Cluster(4).startAll()
  cluster.ticks(3)
  const [from] = cluster.contacts
  if (from === undefined) throw new Error("no peer")
  const old = cluster.contacts.slice(0, 3)
  const base = markOf(logOf("a", 2))
  const install = (epoch: number, members: View): void => {
    const message: ReplicaMessage = { type: "Install", cell: 0, epoch, proposal: { members, base, old } }
    cluster.happen(3, { type: "message", from, message })
  }
  install(2, cluster.contacts.slice(1))
  install(1, old)
  expect(cluster.node(3).state?.replication.fetches.size).toBe(1)
  install(3, old)
  expect(cluster.node(3).state?.replication.fetches.size).toBe(0)
})

test("whoever has nothing more is passed over for the next source, and none is left out", () => {
  const cluster = new Cluster(4).startAll()
  cluster.ticks(3)
  const asked: Array<string> = []
  const proposal = {
    members: cluster.contacts.slice(1),
    base: markOf(logOf("a", 2)),
    old: cluster.contacts.slice(0, 3),
  }
  const [from] = cluster.contacts
  if (from === undefined) throw new Error("no peer")
  cluster.happen(3, { type: "message", from, message: { type: "Install", cell: 0, epoch: 1, proposal } })
  const note = ({ from: asker, to, message }: Flight): boolean => {
    if (asker.id === cluster.contacts[3]?.id && message.type === "Pull") asked.push(to.name)
    return true
  }
  cluster.settle(note)
  // The first of them answers, that it has nothing; the others stay silent.
  cluster.ticks(20, (flight) => note(flight) && (flight.message.type !== "Pull" || flight.to.name === "p1"))
  expect(asked.slice(0, 6)).toEqual(["p1", "p2", "p3", "p1", "p2", "p3"])
})
