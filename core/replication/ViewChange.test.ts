import { describe, expect, test } from "vitest"
import type { Ballot } from "./Ballot.ts"
import { Cluster, type Flight } from "./Cluster.samples.ts"
import { NO_HASH } from "./Durable.ts"
import { markOf } from "./Log.ts"
import type { ReplicaMessage } from "./ReplicaMessage.ts"
import type { View } from "./View.ts"
import { fastPath } from "./ViewChange.ts"

const serving = (size = 3, founders = size): Cluster => {
  const cluster = new Cluster(size, { founders }).startAll()
  cluster.ticks(3)
  return cluster
}
const contact = (cluster: Cluster, at: number) => cluster.config(at, false).self
const ballot = (cluster: Cluster, at: number, counter: number): Ballot => ({
  counter,
  id: contact(cluster, at).id,
  boot: 1,
})
/** What `to` answers at once to a message of `from`. */
const answers = (
  cluster: Cluster,
  from: number,
  to: number,
  message: ReplicaMessage,
): ReadonlyArray<string> => {
  cluster.network = []
  cluster.happen(to, { type: "message", from: contact(cluster, from), message })
  cluster.flush(to)
  return cluster.network.splice(0).map((flight) => flight.message.type)
}
const prepare = (cluster: Cluster, at: number, counter: number): ReplicaMessage => ({
  type: "Prepare",
  cell: 0,
  epoch: 0,
  ballot: ballot(cluster, at, counter),
})

const proposal = (cluster: Cluster, at: number) => {
  const log = cluster.replica(at)?.log
  if (log === undefined) throw new Error("no log")
  const view = cluster.contacts.slice(0, 3)
  return { members: view, base: markOf(log), old: view }
}

describe("a member that promised", () => {
  test("is sealed: it takes nothing of its leader, and says so", () => {
    const cluster = serving()
    expect(answers(cluster, 1, 2, prepare(cluster, 1, 1))).toEqual(["Promise"])
    cluster.propose(0, "a")
    cluster.flush(0)
    const flight = cluster.network.find((one) => one.to.id === contact(cluster, 2).id)
    expect(answers(cluster, 0, 2, flight?.message as ReplicaMessage)).toEqual(["Sealed"])
    expect(cluster.replica(2)?.log.length).toBe(0)
  })

  test("refuses what is lower, answers the same again, and remembers it across a crash", () => {
    const cluster = serving()
    expect(answers(cluster, 1, 2, prepare(cluster, 1, 5))).toEqual(["Promise"])
    expect(answers(cluster, 1, 2, prepare(cluster, 1, 4))).toEqual(["Refuse"])
    expect(answers(cluster, 1, 2, prepare(cluster, 1, 5))).toEqual(["Promise"])
    cluster.crash(2)
    cluster.start(2)
    expect(answers(cluster, 1, 2, prepare(cluster, 1, 4))).toEqual(["Refuse"])
  })

  test("promises nothing to whoever is none of the view, not even to another incarnation of a member", () => {
    const cluster = serving(4)
    expect(answers(cluster, 3, 2, prepare(cluster, 3, 5))).toEqual([])
    const again = { ...contact(cluster, 1), incarnation: 2 }
    cluster.happen(2, { type: "message", from: again, message: prepare(cluster, 1, 5) })
    expect(cluster.replica(2)?.record.ballot).toBeNull()
  })

  test("nothing that rests on a promise leaves before it is durable", () => {
    const cluster = serving()
    cluster.network = []
    cluster.happen(2, { type: "message", from: contact(cluster, 1), message: prepare(cluster, 1, 1) })
    expect(cluster.network).toEqual([])
  })
})

describe("accept", () => {
  test("only what is held is accepted: a log that is not here is fetched first, and the guard is checked again", () => {
    const cluster = serving()
    cluster.propose(0, "a")
    cluster.flush(0)
    const accept: ReplicaMessage = {
      type: "Accept",
      cell: 0,
      epoch: 0,
      ballot: ballot(cluster, 1, 1),
      proposal: proposal(cluster, 0),
    }
    // Member 2 lacks the entry.
    expect(answers(cluster, 1, 2, accept)).toEqual(["Pull"])
    expect(answers(cluster, 1, 2, prepare(cluster, 1, 7))).toEqual(["Promise"])
    const log = cluster.replica(0)?.log
    if (log === undefined) throw new Error("no log")
    const items = log.shared.map(({ bytes }) => ({ bytes: bytes ?? new Uint8Array() }))
    const pulled = { type: "Pulled", cell: 0, epoch: 0, prev: log.start, items, start: 0, length: 1 } as const
    expect(answers(cluster, 1, 2, pulled)).toEqual(["Refuse"])
    expect(cluster.replica(2)?.record.accepted).toBeNull()
    expect(cluster.replica(2)?.log.length).toBe(0)
  })

  test("a chunk that answers another question is not taken for the beginning of a log", () => {
    const cluster = serving()
    for (const id of ["a", "b"]) cluster.propose(0, id)
    cluster.flush(0)
    const log = cluster.replica(0)?.log
    const [first, second] = log?.shared ?? []
    const accept: ReplicaMessage = {
      type: "Accept",
      cell: 0,
      epoch: 0,
      ballot: ballot(cluster, 1, 1),
      proposal: proposal(cluster, 0),
    }
    expect(answers(cluster, 1, 2, accept)).toEqual(["Pull"])
    const prev = { length: 1, head: first?.head ?? NO_HASH }
    const items = [{ bytes: second?.bytes ?? new Uint8Array() }]
    const late = { type: "Pulled", cell: 0, epoch: 0, prev, items, start: 0, length: 2 } as const
    expect(answers(cluster, 1, 2, late)).toEqual([])
    expect(cluster.problems()).toEqual([])
    expect(cluster.replica(2)?.log.length).toBe(0)
  })

  test("a proposal that may have been decided is proposed again, unchanged, and at a higher ballot", () => {
    const cluster = serving(5)
    const members = cluster.contacts.slice(1, 4)
    const chosen = { ...proposal(cluster, 0), members }
    const first = ballot(cluster, 1, 3)
    const accept: ReplicaMessage = { type: "Accept", cell: 0, epoch: 0, ballot: first, proposal: chosen }
    expect(answers(cluster, 1, 2, accept)).toEqual(["Accepted"])
    cluster.crash(1)
    cluster.ticks(30)
    const decided = cluster.commands.flatMap(({ command }) =>
      command.type === "trace" && command.record.type === "view" && command.record.epoch === 1
        ? [command.record.members.join(" ")]
        : [],
    )
    expect(new Set(decided)).toEqual(new Set(["p2 p3 p4"]))
    const counters = cluster.commands.flatMap(({ command }) =>
      command.type === "send" && command.message.type === "Prepare" && command.message.epoch === 0
        ? [command.message.ballot.counter]
        : [],
    )
    expect(counters.length).toBeGreaterThan(0)
    // Whoever had promised the first ballot knows that it must go higher; a leader that did not, finds out.
    expect(Math.max(...counters)).toBeGreaterThan(3)
  })

  test("the fast path is taken once in an epoch, and nothing is appended after it", () => {
    const cluster = serving()
    const before = cluster.replica(0)
    const members = cluster.contacts.slice(0, 3)
    cluster.act(0, (turn) => {
      if (before) fastPath(turn, before, members)
    })
    expect(() => cluster.propose(0, "late")).toThrow(/cell 0/)
    expect(() =>
      cluster.act(0, (turn) => {
        const now = cluster.replica(0)
        if (now) fastPath(turn, now, members)
      }),
    ).toThrow(/cell 0/)
    cluster.ticks(3)
    expect(cluster.replica(0)?.record.epoch).toBe(1)
    expect(cluster.replica(0)?.leading?.active).toBe(true)
  })
})

/** Of a leader that is killed, when others may have accepted a view that it was to lead. */
const ticksUntilAnotherLeads = (accepted: boolean): number => {
  const cluster = new Cluster(3).startAll()
  cluster.ticks(15)
  const [a, b, c] = cluster.contacts
  if (!a || !b || !c) throw new Error("no peers")
  if (accepted) {
    cluster.act(0, (turn) => {
      const replica = turn.state.replicas[0]
      if (replica) fastPath(turn, replica, [a, c, b])
    })
    cluster.flush(0)
    // What it proposes arrives, what is answered does not.
    for (const flight of cluster.network.splice(0)) cluster.deliver(flight)
    for (const at of [1, 2]) cluster.flush(at)
  }
  cluster.crash(0)
  cluster.network = []
  let ticks = 0
  for (; ticks < 40 && cluster.leader() <= 0; ticks++) cluster.ticks(1)
  return ticks
}

describe("a leader that is gone", () => {
  test("is not waited for because others had accepted a view that it leads, and so had to decide on it", () => {
    const usual = ticksUntilAnotherLeads(false)
    // One view more, after being sealed for a second.
    expect(ticksUntilAnotherLeads(true)).toBeLessThan(usual + 13)
  })

  test("is replaced in the step that learns it; what it had committed is there", () => {
    const cluster = serving(5)
    cluster.propose(0, "a")
    cluster.settle()
    cluster.crash(0)
    for (const at of [1, 2]) cluster.happen(at, { type: "suspect", peer: contact(cluster, 0) })
    cluster.settle()
    expect(cluster.leader()).toBe(1)
    expect(cluster.replica(1)?.record.epoch).toBe(1)
    expect(cluster.replica(1)?.commit).toBe(1)
    expect(cluster.replica(1)?.record.view.length).toBe(3)
  })

  test("what may have been committed is kept: the longest promised log wins", () => {
    const cluster = serving(5)
    cluster.propose(0, "a")
    // Only the last member hears of it, and the leader dies.
    cluster.settle((flight) => flight.message.type !== "Append" || flight.to.id === contact(cluster, 2).id)
    expect(cluster.replica(1)?.log.length).toBe(0)
    cluster.crash(0)
    for (const at of [1, 2]) cluster.happen(at, { type: "suspect", peer: contact(cluster, 0) })
    cluster.settle()
    expect(cluster.leader()).toBe(1)
    expect(cluster.replica(1)?.commit).toBe(1)
  })

  test("a proposer that dies after sealing is followed by another member within a few seconds", () => {
    const cluster = serving(5)
    cluster.happen(2, { type: "message", from: contact(cluster, 1), message: prepare(cluster, 1, 1) })
    cluster.settle()
    cluster.crash(1)
    cluster.ticks(40)
    expect(cluster.replica(cluster.leader())?.record.epoch).toBeGreaterThan(0)
  })

  test("without a majority nothing is decided; with it back the cell goes on", () => {
    const cluster = serving(3)
    cluster.propose(0, "a")
    cluster.settle()
    cluster.crash(0)
    cluster.crash(1)
    cluster.ticks(60)
    expect(cluster.leader()).toBe(-1)
    cluster.start(1)
    cluster.ticks(60)
    expect(cluster.replica(cluster.leader())?.commit).toBe(1)
  })

  test("a zombie learns that its time is over, and keeps nothing", () => {
    const cluster = serving(5)
    const isZombies = ({ from, to }: Flight): boolean => [from.id, to.id].includes(contact(cluster, 0).id)
    for (const at of [1, 2]) cluster.happen(at, { type: "suspect", peer: contact(cluster, 0) })
    cluster.ticks(10, (flight) => !isZombies(flight))
    cluster.propose(0, "nobody hears it")
    cluster.ticks(5, (flight) => !isZombies(flight))
    expect(cluster.replica(0)?.commit).toBe(0)
    cluster.ticks(60)
    const view = cluster.replica(cluster.leader())?.record.view
    expect(view?.length).toBe(3)
    expect(cluster.replica(0)?.log.length).toBe(0)
  })
})

/** Peers 1 to 3 are the view of epoch 1, and 4 to 6 that of epoch 2, of which only peer 3 has heard. */
const moved = (): { readonly cluster: Cluster; readonly members: View } => {
  const cluster = serving(6)
  cluster.propose(0, "a")
  cluster.ticks(2)
  const old = cluster.contacts.slice(0, 3)
  const members = cluster.contacts.slice(3, 6)
  const base = proposal(cluster, 1).base
  const install = (at: number, epoch: number, view: View): void => {
    const message: ReplicaMessage = {
      type: "Install",
      cell: 0,
      epoch,
      proposal: { members: view, base, old },
    }
    cluster.happen(at, { type: "message", from: contact(cluster, 0), message })
  }
  install(1, 1, old)
  install(2, 2, members)
  for (const at of [1, 2]) cluster.flush(at)
  return { cluster, members }
}

describe("whoever is not in the next view", () => {
  test("keeps its log for it, whatever a former member says that heard of it: that proves nothing of the log", () => {
    const { cluster } = moved()
    const query: ReplicaMessage = { type: "ViewQuery", cell: 0, epoch: 1 }
    cluster.network = []
    cluster.happen(2, { type: "message", from: contact(cluster, 1), message: query })
    const retire = cluster.network.find(({ message }) => message.type === "Retire")
    expect(retire?.from.name).toBe("p3")
    expect(answers(cluster, 2, 1, retire?.message as ReplicaMessage)).toEqual(
      Array.from({ length: 3 }, () => "ViewQuery"),
    )
    expect(cluster.replica(1)?.log.length).toBe(1)
  })

  test("lets go of it when a member of that view says so, or anybody speaks of a later one", () => {
    for (const [from, epoch] of [
      [3, 2],
      [2, 3],
    ] as const) {
      const { cluster, members } = moved()
      expect(answers(cluster, from, 1, { type: "Retire", cell: 0, epoch, view: members })).toEqual([])
      expect(cluster.replica(1)?.record.role).toBe("tombstone")
    }
  })
})

test("a view is completed only as far as those that promised are a majority of it", () => {
  const cluster = new Cluster(5, { founders: 2, journal: { replicas: 5 } }).startAll()
  for (const at of [2, 3, 4]) cluster.start(at)
  cluster.ticks(6)
  expect(cluster.replica(1)?.record.view).toHaveLength(2)
  expect(cluster.node(1).state?.replication.live.length).toBeGreaterThan(3)
  cluster.happen(1, { type: "suspect", peer: contact(cluster, 0) })
  cluster.settle()
  expect(cluster.replica(1)?.record).toMatchObject({ epoch: 1, view: { length: 3 } })
})
