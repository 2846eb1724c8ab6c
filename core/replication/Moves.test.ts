import { describe, expect, test } from "vitest"
import { newCellSessions } from "../handoff/Handoff.ts"
import type { PeerState } from "../peer/PeerState.ts"
import { Cluster, type Flight } from "./Cluster.samples.ts"
import type { SentItem } from "./ReplicaMessage.ts"
import { atATime, CHUNK_BYTES } from "./Replication.ts"

const names = (cluster: Cluster, cell = 0): string =>
  (cluster.replica(cluster.leader(cell), cell)?.record.view ?? []).map((one) => one.name).join(" ")
const serving = (size: number, founders: number, entries = 3): Cluster => {
  const cluster = new Cluster(size, { founders }).startAll()
  cluster.ticks(3)
  for (let i = 0; i < entries; i++) cluster.propose(cluster.leader(), `${i}`)
  cluster.settle()
  return cluster
}
/** Peers that are as far from one another as they can be, so that each leads as many cells. */
const evenly = (cluster: Cluster): Cluster => {
  const size = BigInt(cluster.contacts.length)
  for (const [at, contact] of cluster.contacts.entries()) {
    const id = (((BigInt(at) << 160n) + (1n << 159n)) / size).toString(16).padStart(40, "0")
    Object.assign(contact, { id })
  }
  return cluster
}
const traces = (cluster: Cluster, type: string): ReadonlyArray<string> =>
  cluster.commands.flatMap(({ command }) =>
    command.type === "trace" && command.record.type === type ? [JSON.stringify(command.record)] : [],
  )
const setSessions = (cluster: Cluster, at: number, change: { running?: number; behind?: number }): void => {
  const node = cluster.node(at)
  if (node.state === null) return
  const { handoff } = node.state
  const [before] = handoff.cells
  // The core looks only at these two numbers of what a session is.
  const cells = [{ ...before, ...change }] as unknown as PeerState["handoff"]["cells"]
  node.state = { ...node.state, handoff: { ...handoff, cells } }
}

describe("a peer that joins where it should lead", () => {
  test("fetches the log, becomes a backup, and leads next; nothing is lost and nobody stays behind", () => {
    // Ids of 4 to 1 are nearer to the cell's home the lower they are: peer 1 comes last and belongs first.
    const cluster = new Cluster(4, { founders: 4 })
    for (const at of [1, 2, 3]) cluster.start(at)
    cluster.node(0).boot = 1
    cluster.ticks(130)
    const before = names(cluster)
    expect(before.startsWith("p2 ")).toBe(true)
    cluster.propose(cluster.leader(), "a")
    cluster.settle()
    cluster.start(0)
    cluster.ticks(60)
    expect(names(cluster)).toBe("p1 p2 p3")
    expect(cluster.replica(0)?.commit).toBe(1)
    expect(cluster.replica(3)?.record.role).not.toBe("member")
  })
})

describe("a cell of one replica", () => {
  test("moves at once, since nobody can become a backup first", () => {
    const cluster = new Cluster(3, { founders: 3, journal: { replicas: 1 } }).startAll()
    cluster.ticks(3)
    cluster.propose(0, "a")
    cluster.happen(0, { type: "leave" })
    cluster.ticks(60)
    expect(names(cluster)).toBe("p2")
    cluster.crash(0)
    cluster.start(0)
    cluster.ticks(60)
    expect(names(cluster)).toBe("p1")
    expect(cluster.replica(0)?.commit).toBe(1)
  })
})

describe("a view of one", () => {
  test("decides on the next only once that, and all of its log, is on its disk", () => {
    const cluster = new Cluster(3, { founders: 3, journal: { replicas: 1 } }).startAll()
    cluster.ticks(3)
    cluster.propose(0, "a")
    cluster.settle()
    const learned: Array<Flight> = []
    cluster.happen(0, { type: "leave" })
    cluster.ticks(12, (flight) => {
      if (flight.message.type === "Learned") learned.push(flight)
      return flight.message.type !== "Learned"
    })
    cluster.propose(0, "b")
    for (const flight of learned) cluster.deliver(flight)
    for (let i = 0; i < 5; i++) cluster.happen(0, { type: "tick", lateMs: 0 })
    expect(cluster.replica(0)?.record).toMatchObject({ role: "member", epoch: 0, ballot: { counter: 0 } })
    expect(cluster.replica(0)?.commit).toBe(1)
    cluster.flush(0)
    expect(cluster.replica(0)?.record.role).toBe("former")
  })
})

/** Ticks until the peer may end, and ends it there. */
const leave = (cluster: Cluster, at: number): void => {
  const isDone = (): boolean => cluster.commands.some((one) => one.at === at && one.command.type === "left")
  cluster.happen(at, { type: "leave" })
  for (let i = 0; i < 60 && !isDone(); i++) cluster.ticks(1)
  expect(isDone()).toBe(true)
  cluster.crash(at)
}

describe("a peer that leaves, and whose process ends as soon as it may,", () => {
  test.each([1, 3])("leaves its log to the others, with %i replicas", (replicas) => {
    const cluster = new Cluster(4, { founders: 4, journal: { replicas } }).startAll()
    cluster.ticks(3)
    cluster.propose(0, "a")
    cluster.settle()
    leave(cluster, 0)
    cluster.ticks(1)
    expect(names(cluster).startsWith("p2")).toBe(true)
    expect(cluster.replica(1)?.commit).toBe(1)
  })
})

describe("a backup that dies", () => {
  test("is replaced, when it has been missed for a while, by one that has learned the log; entries go on", () => {
    const cluster = serving(5, 5)
    cluster.crash(2)
    cluster.ticks(5)
    expect(names(cluster)).toBe("p1 p2 p3")
    cluster.ticks(20)
    expect(names(cluster)).toBe("p1 p2 p4")
    expect(cluster.replica(3)?.commit).toBe(3)
    cluster.propose(0, "more")
    cluster.settle()
    expect(cluster.replica(0)?.commit).toBe(4)
  })

  test("keeps its place while there is nobody to take it, and goes on with its data when it is back", () => {
    const cluster = serving(3, 3)
    cluster.crash(2)
    cluster.ticks(40)
    expect(names(cluster)).toBe("p1 p2 p3")
    expect(cluster.replica(0)?.record.epoch).toBe(0)
  })

  test("what runs in the cell delays the move for five seconds at most, and nothing new begins meanwhile", () => {
    const cluster = serving(5, 5)
    setSessions(cluster, 0, { running: 1 })
    cluster.crash(2)
    cluster.ticks(28)
    expect(cluster.replica(0)?.leading?.draining).toBe(true)
    expect(cluster.replica(0)?.record.epoch).toBe(0)
    cluster.ticks(40)
    expect(cluster.replica(0)?.record.epoch).toBe(1)
  })
})

/** A peer that is to leave and leads many cells, of which nobody else has applied all; `tick` says of which not yet. */
const unreadyHeirs = () => {
  const cluster = evenly(new Cluster(5, { founders: 5, cells: 128, journal: { standby: "warm" } })).startAll()
  cluster.ticks(15)
  const led = (): ReadonlyArray<number> =>
    (cluster.node(0).state?.replicas ?? []).flatMap((one) => (one?.leading ? [one.record.cell] : []))
  const isDone = (): boolean => cluster.commands.some(({ command }) => command.type === "left")
  const tick = (behind: ReadonlyArray<number>): void => {
    for (const at of [1, 2, 3, 4]) {
      const node = cluster.node(at)
      if (node.state === null) continue
      const { handoff } = node.state
      const cells = handoff.cells.map((one, cell) => ({
        ...(one ?? newCellSessions),
        behind: behind.includes(cell) ? 1 : 0,
      }))
      node.state = { ...node.state, handoff: { ...handoff, cells } }
    }
    cluster.ticks(1)
  }
  const all = led()
  expect(all.length).toBeGreaterThan(20)
  for (let i = 0; i < 30; i++) tick(all)
  cluster.commands.length = 0
  cluster.happen(0, { type: "leave" })
  return { all, cluster, isDone, led, tick }
}

describe("a peer that leaves", () => {
  test("hands its cells over first, then leaves the ring, then may end", () => {
    const cluster = serving(5, 5)
    cluster.commands.length = 0
    cluster.happen(0, { type: "leave" })
    expect(cluster.node(0).state?.phase).toBe("member")
    cluster.ticks(20)
    expect(cluster.node(0).state?.phase).toBe("leaving")
    expect(cluster.commands.filter(({ at, command }) => at === 0 && command.type === "left")).toHaveLength(1)
    expect(names(cluster).startsWith("p2 ")).toBe(true)
    expect(cluster.replica(cluster.leader())?.commit).toBe(3)
    // By the fast path: the successor was told, it did not have to find out.
    expect(traces(cluster, "suspected").every((one) => one.includes("leaving"))).toBe(true)
  })

  test.each([16, 128, 512])(
    "with %i cells it hands over a few at a time, and all of them in time",
    (cells) => {
      const cluster = new Cluster(5, { founders: 5, cells }).startAll()
      cluster.ticks(15)
      const ledBy = (at: number) =>
        (cluster.node(at).state?.replicas ?? []).filter((one) => one?.leading?.active === true)
      const before = ledBy(0).length
      expect(before).toBeGreaterThan(2)
      cluster.commands.length = 0
      cluster.happen(0, { type: "leave" })
      const most = atATime(cells)
      let ticks = 0
      for (; ticks < 50 && cluster.commands.every(({ command }) => command.type !== "left"); ticks++) {
        cluster.ticks(1)
        const moving = ledBy(0).filter((one) => one?.leading?.moveSince !== null)
        expect(moving.length).toBeLessThanOrEqual(most)
      }
      expect(ticks).toBeLessThan(50)
      cluster.ticks(10)
      const led = [1, 2, 3, 4].map((at) => ledBy(at).length).reduce((sum, one) => sum + one, 0)
      expect([ledBy(0).length, led]).toEqual([0, cells])
    },
  )

  test("hands over what is busy as soon as it can: cells that wait for a request of their own hold up no others", () => {
    const cluster = evenly(new Cluster(5, { founders: 5, cells: 128 })).startAll()
    cluster.ticks(15)
    const led = () => (cluster.node(0).state?.replicas ?? []).filter((one) => one?.leading).length
    expect(led()).toBeGreaterThan(20)
    cluster.happen(0, { type: "leave" })
    const setRunning = (running: number): void => {
      const node = cluster.node(0)
      if (node.state === null) return
      const { handoff } = node.state
      const cells = handoff.cells.map((one) => ({ ...(one ?? newCellSessions), running }))
      node.state = { ...node.state, handoff: { ...handoff, cells } }
    }
    // For two seconds a request runs in each of them.
    for (let ticks = 0; ticks < 20; ticks++) {
      setRunning(1)
      cluster.ticks(1)
    }
    expect(led()).toBeGreaterThan(20)
    setRunning(0)
    cluster.ticks(6)
    expect(led()).toBe(0)
  })

  describe("whose next leaders have sessions to replay", () => {
    test("goes on for as long as others take over one cell after another", () => {
      const { all, isDone, led, tick } = unreadyHeirs()
      let ticks = 0
      for (; !isDone() && ticks < 400; ticks++) {
        const behind = all.slice(Math.floor(ticks / 30) * 4)
        tick(behind)
        // Nobody takes over what it is not ready for.
        expect(led()).toEqual(expect.arrayContaining(behind))
      }
      expect(ticks).toBeGreaterThan(100)
      expect([isDone(), led()]).toEqual([true, []])
    })

    test("waits no longer than five seconds when nobody takes over anything", () => {
      const { all, cluster, isDone, tick } = unreadyHeirs()
      let ticks = 0
      for (; !isDone() && ticks < 100; ticks++) {
        tick(all)
        const node = cluster.node(0)
        // As though it had been needed for fewer before: that it is for more again is no progress.
        if (node.state === null || ticks % 20 !== 0) continue
        node.state = { ...node.state, replication: { ...node.state.replication, leaveNeeds: 0 } }
      }
      expect(ticks).toBeGreaterThan(45)
      expect(ticks).toBeLessThan(55)
    })
  })

  test("waits no longer than five seconds for those that do not answer, and alone not at all", () => {
    const alone = new Cluster(1).startAll()
    alone.happen(0, { type: "leave" })
    expect(alone.commands.at(-1)?.command.type).toBe("left")
    const cluster = serving(3, 3)
    cluster.crash(1)
    cluster.crash(2)
    cluster.commands.length = 0
    cluster.happen(0, { type: "leave" })
    const isDone = (): boolean => cluster.commands.some(({ command }) => command.type === "left")
    for (let i = 0; i < 55 && !isDone(); i++) cluster.ticks(1)
    expect(isDone()).toBe(true)
  })

  test("is not missed in favour of one that is silent: a view of which no majority is there is none", () => {
    const cluster = serving(3, 3)
    const view = names(cluster)
    cluster.crash(1)
    cluster.ticks(10)
    cluster.happen(2, { type: "leave" })
    cluster.ticks(20)
    expect(names(cluster)).toBe(view)
    // It has come back, and the one that left has gone.
    cluster.crash(2)
    cluster.start(1)
    cluster.ticks(30)
    expect(names(cluster)).toBe("p1 p2")
  })

  test("goes at once when it is asked again", () => {
    const cluster = serving(3, 3)
    cluster.crash(1)
    cluster.crash(2)
    cluster.commands.length = 0
    for (const done of [false, true]) {
      cluster.happen(0, { type: "leave" })
      expect(cluster.commands.some(({ command }) => command.type === "left")).toBe(done)
    }
  })
})

const size = (item: SentItem): number => ("bytes" in item ? item.bytes.length : 32)

test("a log longer than a message is fetched in chunks of bounded size", () => {
  const cluster = new Cluster(5).startAll()
  cluster.ticks(3)
  for (let i = 0; i < 12; i++) cluster.propose(0, `${i}`)
  const big = new Uint8Array(100_000)
  for (let i = 0; i < 8; i++) cluster.proposeBytes(0, `big${i}`, big)
  cluster.settle()
  cluster.crash(2)
  let chunks = 0
  cluster.ticks(28, ({ message }: Flight) => {
    if (message.type !== "Pulled") return true
    chunks++
    expect(message.items.reduce((sum, item) => sum + size(item), 0)).toBeLessThanOrEqual(CHUNK_BYTES)
    return true
  })
  expect(chunks).toBeGreaterThanOrEqual(4)
  expect(names(cluster)).toBe("p1 p2 p4")
  expect(cluster.replica(3)?.log.length).toBe(20)
})
