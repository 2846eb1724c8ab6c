import { describe, expect, test } from "vitest"
import type { Command } from "../peer/Command.ts"
import { Cluster, entry, type Flight } from "./Cluster.samples.ts"
import { isRead, propose, startRead } from "./Leader.ts"
import type { ReadMark } from "./ReadMark.ts"

/** Three founders whose first leads the only cell. */
const serving = (): Cluster => {
  const cluster = new Cluster(3).startAll()
  cluster.ticks(3)
  expect(cluster.leader()).toBe(0)
  cluster.commands.length = 0
  return cluster
}
const commands = (cluster: Cluster, at: number): ReadonlyArray<Command> =>
  cluster.commands.filter((one) => one.at === at).map((one) => one.command)
const read = (cluster: Cluster): ReadMark => {
  let mark: ReadMark | undefined
  cluster.act(0, (turn) => {
    mark = startRead(turn, 0)
  })
  if (mark === undefined) throw new Error("no read began")
  return mark
}
const isDone = (cluster: Cluster, mark: ReadMark): boolean => {
  const replica = cluster.replica(0)
  return replica !== null && isRead(replica, mark)
}

describe("append", () => {
  test("an entry is durable at its leader before it is sent, and committed once a majority has it", () => {
    const cluster = serving()
    cluster.propose(0, "a")
    expect(cluster.network).toEqual([])
    const sends = commands(cluster, 0).filter((one) => one.type === "send")
    expect(sends.map((one) => [one.to.name, one.after])).toEqual([
      ["p2", 1],
      ["p3", 1],
    ])
    expect(commands(cluster, 0)[0]).toMatchObject({ type: "persist", number: 1 })
    cluster.flush(0)
    expect(cluster.replica(0)?.commit).toBe(0)
    const first = cluster.network.shift()
    if (first) cluster.deliver(first)
    cluster.flush(1)
    const ack = cluster.network.findIndex((one) => one.message.type === "AppendAck")
    const [answer] = cluster.network.splice(ack, 1)
    if (answer) cluster.deliver(answer)
    expect(cluster.replica(0)?.commit).toBe(1)
  })

  test("what the leader has not made durable does not count, whoever else has it", () => {
    const cluster = serving()
    cluster.propose(0, "a")
    const { held } = cluster.node(0)
    // A driver that lets messages out too early: even then the leader waits for its own disk, or for both others.
    const [first] = held
    if (first && cluster.contacts[0])
      cluster.deliver({ from: cluster.contacts[0], to: first.to, message: first.message })
    cluster.flush(1)
    for (const flight of cluster.network.splice(0)) cluster.deliver(flight)
    expect(cluster.replica(0)?.commit).toBe(0)
    cluster.flush(0)
    expect(cluster.replica(0)?.commit).toBe(1)
  })

  test("a leader that starts anew feeds members that lack its last entry, though the first attempt is lost", () => {
    const cluster = serving()
    cluster.propose(0, "a")
    cluster.flush(0)
    cluster.network = []
    cluster.crash(0)
    cluster.start(0)
    let lost = 0
    const isFirst = ({ message }: Flight): boolean =>
      message.type === "Append" && message.items.length > 0 && lost++ < 2
    cluster.ticks(30, (flight) => !isFirst(flight))
    expect(lost).toBeGreaterThan(2)
    expect(cluster.leader()).toBe(0)
    expect(cluster.replica(0)?.commit).toBe(1)
  })

  test("the disk says how much counts: of two writes only the one that is done", () => {
    const cluster = serving()
    cluster.propose(0, "a")
    cluster.propose(0, "b")
    cluster.flush(0, 1)
    expect(cluster.replica(0)?.leading?.stored).toBe(1)
    cluster.flush(0, 1)
    expect(cluster.replica(0)?.leading?.stored).toBe(2)
  })

  test("entries that were lost on the way are sent again, in order, and a batch is one write", () => {
    const cluster = serving()
    cluster.act(0, (turn) => propose(turn, 0, [entry("a"), entry("b")]))
    cluster.act(0, (turn) => propose(turn, 0, [entry("c")]))
    cluster.flush(0)
    cluster.network = []
    cluster.ticks(4)
    for (const at of [0, 1, 2]) expect(cluster.replica(at)?.commit).toBe(3)
    expect(commands(cluster, 0).filter((one) => one.type === "persist")).toHaveLength(2)
  })

  test("nothing is appended but by an active leader that is not sealed", () => {
    const cluster = serving()
    expect(() => cluster.propose(1, "a")).toThrow(/cell 0/)
    const { self } = cluster.config(1, false)
    const prepare = {
      type: "Prepare",
      cell: 0,
      epoch: 0,
      ballot: { counter: 1, id: self.id, boot: 1 },
    } as const
    cluster.happen(0, { type: "message", from: self, message: prepare })
    expect(cluster.replica(0)?.leading).toBeNull()
    expect(() => cluster.propose(0, "a")).toThrow(/cell 0/)
  })

  test("a leader that comes back serves only when a majority has what it began with", () => {
    const cluster = serving()
    cluster.propose(0, "a")
    cluster.flush(0)
    cluster.crash(0)
    cluster.network = []
    cluster.start(0)
    expect(cluster.replica(0)?.leading?.active).toBe(false)
    cluster.ticks(4)
    expect(cluster.replica(0)?.leading?.active).toBe(true)
    expect(cluster.replica(2)?.commit).toBe(1)
  })
})

describe("read", () => {
  test("needs a majority's answer to a later round, and its log committed", () => {
    const cluster = serving()
    const mark = read(cluster)
    expect(isDone(cluster, mark)).toBe(false)
    cluster.settle()
    expect(isDone(cluster, mark)).toBe(true)
    cluster.propose(0, "a")
    const behind = read(cluster)
    for (const flight of cluster.network.splice(0)) cluster.deliver(flight)
    for (const flight of cluster.network.splice(0)) cluster.deliver(flight)
    expect(isDone(cluster, behind)).toBe(false)
    cluster.settle()
    expect(isDone(cluster, behind)).toBe(true)
  })

  test("does not show an entry that a majority may lack, though a majority has answered", () => {
    const cluster = serving()
    cluster.propose(0, "a")
    cluster.flush(0)
    cluster.network = []
    const mark = read(cluster)
    for (const flight of cluster.network.splice(0)) cluster.deliver(flight)
    for (const flight of cluster.network.splice(0)) cluster.deliver(flight)
    expect(cluster.replica(0)?.leading?.confirmed).toBeGreaterThanOrEqual(mark.round)
    expect(isDone(cluster, mark)).toBe(false)
    cluster.ticks(3)
    expect(isDone(cluster, mark)).toBe(true)
  })

  test("a round under way does not serve a read that came after it; all that wait share the next one", () => {
    const cluster = serving()
    read(cluster)
    const before = cluster.network.splice(0)
    const late = [read(cluster), read(cluster), read(cluster)]
    expect(cluster.network).toEqual([])
    for (const flight of before) cluster.deliver(flight)
    const acks = cluster.network.splice(0)
    for (const flight of acks) cluster.deliver(flight)
    expect(late.some((mark) => isDone(cluster, mark))).toBe(false)
    cluster.settle()
    expect(late.every((mark) => isDone(cluster, mark))).toBe(true)
  })

  test("the answer to another boot's round proves nothing", () => {
    const cluster = serving()
    const mark = read(cluster)
    cluster.network = []
    const from = cluster.contacts[1]
    const round = { boot: 0, n: 1_000_000 }
    const ack = { type: "AppendAck", cell: 0, epoch: 0, round, length: 0, warm: true } as const
    if (from) cluster.happen(0, { type: "message", from, message: ack })
    expect(isDone(cluster, mark)).toBe(false)
    cluster.ticks(1)
    expect(isDone(cluster, mark)).toBe(true)
  })

  test("a leader that was sealed meanwhile shows nothing any more", () => {
    const cluster = serving()
    const mark = read(cluster)
    cluster.settle()
    const { self } = cluster.config(2, false)
    const prepare = {
      type: "Prepare",
      cell: 0,
      epoch: 0,
      ballot: { counter: 1, id: self.id, boot: 1 },
    } as const
    cluster.happen(0, { type: "message", from: self, message: prepare })
    expect(isDone(cluster, mark)).toBe(false)
  })
})

test("an idle cell is spoken to about once a second", () => {
  const cluster = serving()
  cluster.ticks(30)
  const appends = commands(cluster, 0).filter((one) => one.type === "send" && one.message.type === "Append")
  expect(appends.length).toBe(6)
})
