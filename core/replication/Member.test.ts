import { describe, expect, test } from "vitest"
import { chain } from "./Chain.ts"
import { encodeEntry } from "../codec/EntryCodec.ts"
import { Cluster, entry } from "./Cluster.samples.ts"
import { expireItems } from "./Growth.ts"
import { NO_HASH } from "./Durable.ts"
import { itemAt, markOf } from "./Log.ts"
import type { ReplicaMessage } from "./ReplicaMessage.ts"

const serving = (size = 3): Cluster => {
  const cluster = new Cluster(size).startAll()
  cluster.ticks(3)
  return cluster
}
const bytes = (id: string) => ({ bytes: encodeEntry(entry(id)) })
const start = { length: 0, head: NO_HASH }
const append = (
  items: ReadonlyArray<{ readonly bytes: Uint8Array }>,
  prev = start,
  epoch = 0,
): ReplicaMessage => ({
  type: "Append",
  cell: 0,
  epoch,
  round: { boot: 1, n: 99 },
  prev,
  items,
  commit: 0,
})
const tells = (cluster: Cluster, from: number, to: number, message: ReplicaMessage) => {
  cluster.network = []
  cluster.happen(to, { type: "message", from: cluster.config(from, false).self, message })
  cluster.flush(to)
  return cluster.network.splice(0).map((flight) => flight.message)
}

describe("a member", () => {
  test("skips what it has, appends what is new, and acknowledges only what the message covered", () => {
    const cluster = serving()
    const two = [bytes("a"), bytes("b")]
    expect(tells(cluster, 0, 1, append(two))).toMatchObject([
      { type: "AppendAck", length: 2, round: { n: 99 } },
    ])
    expect(tells(cluster, 0, 1, append(two.slice(0, 1)))).toMatchObject([{ type: "AppendAck", length: 1 }])
    expect(cluster.replica(1)?.log.length).toBe(2)
    expect(tells(cluster, 0, 1, append([...two, bytes("c")]))).toMatchObject([
      { type: "AppendAck", length: 3 },
    ])
    expect(cluster.replica(1)?.log.length).toBe(3)
  })

  test("says where its log ends when it lacks what came before", () => {
    const cluster = serving()
    const [first] = chain(NO_HASH, [bytes("a")])
    const prev = { length: 1, head: first?.head ?? NO_HASH }
    expect(tells(cluster, 0, 1, append([bytes("b")], prev))).toMatchObject([
      { type: "AppendNack", length: 0 },
    ])
  })

  test("stops for good at an entry that is not the one it has, and says so; other cells go on", () => {
    const cluster = serving()
    tells(cluster, 0, 1, append([bytes("a"), bytes("b")]))
    expect(tells(cluster, 0, 1, append([bytes("a"), bytes("x")]))).toEqual([])
    expect(cluster.problems()).toHaveLength(1)
    expect(cluster.replica(1)?.log.length).toBe(2)
    expect(tells(cluster, 0, 1, append([]))).toEqual([])
    cluster.ticks(30)
    expect(cluster.problems()).toHaveLength(1)
  })

  test("takes nothing from whoever does not lead its epoch", () => {
    const cluster = serving(4)
    expect(tells(cluster, 2, 1, append([bytes("a")]))).toEqual([])
    expect(tells(cluster, 3, 1, append([bytes("a")]))).toEqual([])
    expect(cluster.replica(1)?.log.length).toBe(0)
  })

  test("asks whoever speaks of a later epoch for its view", () => {
    const cluster = serving()
    expect(tells(cluster, 0, 1, append([], start, 4))).toEqual([{ type: "ViewQuery", cell: 0, epoch: 0 }])
  })
})

const withEntries = (): Cluster => {
  const cluster = serving(4)
  for (const id of ["a", "b", "c", "d"]) cluster.propose(0, id)
  cluster.settle()
  cluster.ticks(2)
  return cluster
}
const expire = (cluster: Cluster, at: number, ...indices: ReadonlyArray<number>): void =>
  cluster.act(at, (turn) => expireItems(turn, 0, indices))

describe("growth", () => {
  test("what expired loses its bytes, keeps its digests, and a prefix of nothing else goes; so it is after a restart", () => {
    const cluster = withEntries()
    const before = cluster.replica(1)?.log
    expire(cluster, 1, 0, 2, 99)
    const { log } = cluster.replica(1) ?? {}
    expect(log && before && markOf(log)).toEqual(before && markOf(before))
    expect(log?.start.length).toBe(1)
    expect(log && itemAt(log, 2)?.bytes).toBeNull()
    expect(log && itemAt(log, 3)?.bytes).not.toBeNull()
    cluster.flush(1)
    cluster.crash(1)
    cluster.start(1)
    const again = cluster.replica(1)?.log
    expect(again?.start).toEqual(log?.start)
    expect(again && itemAt(again, 2)?.bytes).toBeNull()
    expect(cluster.replica(1)?.corrupt).toBe(false)
  })

  test("what is not committed is left alone", () => {
    const cluster = withEntries()
    cluster.propose(0, "e")
    expire(cluster, 0, 4)
    const log = cluster.replica(0)?.log
    expect(log && itemAt(log, 4)?.bytes).not.toBeNull()
  })

  test("a member that slept while what it lacks expired catches up with what is left", () => {
    const cluster = serving(3)
    cluster.crash(2)
    for (const id of ["a", "b", "c"]) cluster.propose(0, id)
    cluster.settle()
    for (const at of [0, 1]) expire(cluster, at, 0, 1)
    cluster.start(2)
    cluster.ticks(40)
    expect(cluster.replica(2)?.log.start.length).toBe(2)
    expect(cluster.replica(2)?.commit).toBe(3)
    expect(cluster.problems()).toEqual([])
  })

  test("a newcomer learns a log whose beginning is gone", () => {
    const cluster = withEntries()
    for (const at of [0, 1, 2]) expire(cluster, at, 0, 1)
    cluster.crash(2)
    cluster.ticks(20)
    expect(cluster.replica(3)?.log.start.length).toBe(2)
    expect(cluster.replica(3)?.commit).toBe(4)
    expect(cluster.problems()).toEqual([])
  })
})
