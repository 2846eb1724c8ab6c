import { describe, expect, test } from "vitest"
import { leadershipOf } from "../peer/Leadership.ts"
import { member, take, tick } from "../peer/Peer.samples.ts"
import { initial } from "../peer/Peer.ts"
import { Cluster } from "./Cluster.samples.ts"
import { NO_HASH } from "./Durable.ts"
import { replicasAtStart } from "./Start.ts"

describe("at the start", () => {
  test("founders share out view 0 of every cell, each with r members, the first clockwise from home leading", () => {
    const cluster = new Cluster(5, { cells: 64 }).startAll()
    for (let cell = 0; cell < 64; cell++) {
      const held = cluster.contacts.flatMap((_, at) => cluster.replica(at, cell)?.record.view ?? [])
      expect(held).toHaveLength(9)
      const view = cluster.contacts.flatMap((_, at) => {
        const replica = cluster.replica(at, cell)
        return replica?.leading ? [replica.record.view[0]?.name, `p${at + 1}`] : []
      })
      expect(new Set(view).size).toBe(1)
      expect(view).toHaveLength(2)
    }
    cluster.ticks(2)
    // Nothing happened, so nothing is written.
    expect(cluster.commands.some(({ command }) => command.type === "persist")).toBe(false)
  })

  test("a founder that comes back without its disk is none, and one with an empty store is one", () => {
    const config = { ...new Cluster(3).config(0, false) }
    expect(replicasAtStart(config, [])[0]?.record.epoch).toBe(0)
    expect(replicasAtStart({ ...config, self: { ...config.self, incarnation: 2 } }, [])[0]).toBeNull()
  })

  test("a log that lacks what its record rests on is not used", () => {
    const config = new Cluster(3).config(0, false)
    const [genesis] = replicasAtStart(config, [])
    if (!genesis) throw new Error("no founder")
    const record = { ...genesis.record, epoch: 1, base: { length: 2, head: NO_HASH } }
    const log = { start: { length: 0, head: NO_HASH }, items: [] }
    const state = initial(config, [{ record, log }])
    expect(state.replicas[0]).toMatchObject({ corrupt: true, leading: null })
    expect(leadershipOf(state, 0).leads).toBe(false)
    expect(take(state, { type: "started" }).commands).toContainEqual(
      expect.objectContaining({ record: expect.objectContaining({ type: "corrupt", cell: 0 }) }),
    )
  })

  test("everything killed at once is all there again", () => {
    const cluster = new Cluster(5, { cells: 4 }).startAll()
    cluster.ticks(3)
    for (let cell = 0; cell < 4; cell++) cluster.propose(cluster.leader(cell), "a", cell)
    cluster.settle()
    for (let at = 0; at < 5; at++) cluster.crash(at)
    for (let at = 0; at < 5; at++) cluster.start(at)
    cluster.ticks(60)
    for (let cell = 0; cell < 4; cell++) expect(cluster.replica(cluster.leader(cell), cell)?.commit).toBe(1)
  })
})

test("without a journal nothing is replicated, nothing is said of it and leaving is as ever", () => {
  const state = member(1, [2, 3], 3)
  expect(state.replicas).toEqual([])
  const { commands } = take(state, tick, { type: "leave" })
  expect(commands.some((one) => one.type === "left" || one.type === "persist")).toBe(false)
})

test("who cannot store any more leads nothing, says nothing more of any cell, and leaves the ring at once", () => {
  const cluster = new Cluster(5).startAll()
  cluster.ticks(3)
  cluster.propose(0, "a")
  cluster.happen(0, { type: "storageFailed" })
  const { state } = cluster.node(0)
  expect(state?.phase).toBe("leaving")
  expect(state && leadershipOf(state, 0).leads).toBe(false)
  cluster.node(0).pending = []
  cluster.ticks(20)
  expect(cluster.leader()).toBe(1)
  expect(cluster.replica(1)?.record.view.map((one) => one.name)).not.toContain("p1")
})

test("whoever has moved to another address is spoken to there", () => {
  const cluster = new Cluster(3).startAll()
  cluster.ticks(3)
  const moved = { ...cluster.config(2, false).self, ring: "elsewhere:9" }
  cluster.happen(0, { type: "message", from: moved, message: { type: "Pong" } })
  cluster.propose(0, "a")
  cluster.flush(0)
  const sent = cluster.network.filter(({ message }) => message.type === "Append").map(({ to }) => to.ring)
  expect(sent).toContain("elsewhere:9")
})

test("of a member that speaks as a later incarnation the earlier is forgotten, whatever it says", () => {
  const cluster = new Cluster(3).startAll()
  cluster.ticks(3)
  const first = cluster.config(0, false).self
  const later = { ...first, incarnation: 2 }
  const comember = () => cluster.node(1).state?.replication.comembers.get(first.id)
  expect(comember()).toEqual(first)
  cluster.happen(1, { type: "message", from: later, message: { type: "Notify" } })
  expect(comember()).toEqual(later)
  cluster.ticks(3)
  expect(comember()).toEqual(later)
})
