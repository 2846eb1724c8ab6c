import fc from "fast-check"
import { expect, test, vi } from "vitest"
import { Cluster, type Flight } from "./Cluster.samples.ts"
import type { Hash } from "./Durable.ts"
import { headAt } from "./Log.ts"

vi.setConfig({ testTimeout: 60_000 })

/** What an adversary does next; the numbers choose among whatever there is. */
type Move = readonly [
  kind:
    | "deliver"
    | "drop"
    | "double"
    | "flush"
    | "tick"
    | "propose"
    | "crash"
    | "start"
    | "suspect"
    | "leave",
  a: number,
  b: number,
]

const kinds = fc.oneof(
  { weight: 30, arbitrary: fc.constant("deliver" as const) },
  { weight: 2, arbitrary: fc.constant("drop" as const) },
  { weight: 2, arbitrary: fc.constant("double" as const) },
  { weight: 20, arbitrary: fc.constant("flush" as const) },
  { weight: 14, arbitrary: fc.constant("tick" as const) },
  { weight: 6, arbitrary: fc.constant("propose" as const) },
  { weight: 1, arbitrary: fc.constantFrom("crash" as const, "suspect" as const) },
  { weight: 2, arbitrary: fc.constant("start" as const) },
)
const moves: fc.Arbitrary<ReadonlyArray<Move>> = fc.array(fc.tuple(kinds, fc.nat(9), fc.nat(10_000)), {
  minLength: 200,
  maxLength: 700,
  size: "max",
})

const fail = (what: string): never => {
  throw new Error(what)
}

/** Everything that was ever decided, to compare what comes later with. */
const witness = (cluster: Cluster) => {
  const committed = new Map<number, { readonly head: Hash; readonly epoch: number }>()
  const views = new Map<number, string>()
  const logs = new Map<string, Hash>()
  const seenDisks = new WeakSet<object>()
  const reached = new Set<string>()
  return {
    reached,
    committed,
    check: (): void => {
      for (const [at, node] of cluster.nodes.entries()) {
        const replica = node.state?.replicas[0]
        if (!replica) continue
        const { log, record } = replica
        if (replica.corrupt) fail(`p${at + 1} found corruption: ${cluster.problems().join("; ")}`)
        if (record.role === "tombstone") {
          reached.add("tombstone")
          continue
        }
        reached.add(record.role)
        const names = record.view.map((one) => one.name).join(",")
        const decided = views.get(record.epoch) ?? names
        if (decided !== names) fail(`epoch ${record.epoch} has the views ${decided} and ${names}`)
        views.set(record.epoch, names)
        if (replica.log.length < replica.commit) fail("committed beyond the end of the log")
        if (record.ballot !== null && replica.leading !== null) fail("a sealed leader")
        for (let length = log.start.length + 1; length <= replica.commit; length++) {
          const head = headAt(log, length)
          if (head === undefined) continue
          const before = committed.get(length) ?? { head, epoch: record.epoch }
          if (before.head !== head)
            fail(`p${at + 1} has committed another entry ${length} than was committed before`)
          committed.set(length, before)
        }
        if (replica.leading?.active) {
          reached.add(record.epoch > 0 ? "led again" : "led")
          for (const [length, { epoch, head }] of committed) {
            // A leader that does not know yet that it is none may lack what was committed since.
            if (epoch < record.epoch && headAt(log, length) !== head)
              fail(`the leader of epoch ${record.epoch} lacks committed entry ${length}`)
          }
        }
        // What is not on the disk yet may be lost and never have left.
        if (seenDisks.has(node.disk)) continue
        seenDisks.add(node.disk)
        for (const { log: kept, record: held } of node.disk) {
          for (const [index, { head }] of kept.items.entries()) {
            const key = `${held.epoch}/${kept.start.length + index}`
            const other = logs.get(key) ?? head
            if (other !== head) fail(`two logs of epoch ${held.epoch} differ at ${kept.start.length + index}`)
            logs.set(key, head)
          }
        }
      }
    },
  }
}

const live = (cluster: Cluster, all: ReadonlyArray<Move>): void => {
  let next = 1
  for (const [kind, a, b] of all) {
    const index = a % cluster.nodes.length
    const at = b % Math.max(1, cluster.network.length)
    const flight: Flight | undefined = cluster.network[at]
    switch (kind) {
      case "deliver":
      case "drop":
      case "double":
        if (flight === undefined) break
        if (kind !== "double") cluster.network.splice(at, 1)
        if (kind !== "drop") cluster.deliver(flight)
        break
      case "flush":
        cluster.flush(index, 1 + (b % 3))
        break
      case "tick":
        cluster.happen(index, { type: "tick", lateMs: 0 })
        break
      case "propose": {
        const who = cluster.replica(index)?.leading?.active ? index : cluster.leader()
        if (who >= 0) cluster.propose(who, `${next++}`)
        break
      }
      case "crash":
        cluster.crash(index)
        break
      case "start":
        if (cluster.node(index).state === null && (cluster.node(index).boot > 0 || b % 4 === 0))
          cluster.start(index)
        break
      case "suspect": {
        const peer = cluster.contacts[b % cluster.contacts.length]
        if (peer && peer !== cluster.contacts[index]) cluster.happen(index, { type: "suspect", peer })
        break
      }
      case "leave":
        break
    }
    // Old messages must not crowd out all that is new.
    if (cluster.network.length > 120) cluster.network.splice(0, 20)
  }
}

test("whatever is lost, doubled, late or crashes: nothing committed is lost, and what is whole again serves", () => {
  const reached = new Set<string>()
  let commits = 0
  fc.assert(
    fc.property(moves, (all) => {
      const cluster = new Cluster(5, { founders: 4 })
      const seen = witness(cluster)
      cluster.startAll()
      cluster.check = seen.check
      live(cluster, all)
      // The storm is over: everybody comes back, and the cell serves again.
      for (const [index, node] of cluster.nodes.entries()) if (node.state === null) cluster.start(index)
      cluster.ticks(150)
      const leader = cluster.leader()
      expect(leader).toBeGreaterThanOrEqual(0)
      const length = cluster.replica(leader)?.log.length ?? 0
      cluster.propose(leader, "last")
      cluster.settle()
      expect(cluster.replica(leader)?.commit).toBe(length + 1)
      cluster.ticks(30)
      const view = cluster.replica(cluster.leader())?.record.view ?? []
      expect(view.length).toBe(3)
      const wrong = cluster.contacts.filter((contact, index) => {
        const replica = cluster.replica(index)
        return view.some((one) => one.id === contact.id)
          ? replica?.commit !== length + 1
          : replica !== null && replica.record.role !== "tombstone"
      })
      expect(wrong.map((one) => one.name)).toEqual([])
      for (const what of seen.reached) reached.add(what)
      commits += seen.committed.size
    }),
    {
      numRuns: Number(process.env["RUNS"] ?? 30),
      endOnFailure: true,
      seed: Number(process.env["SEED"] ?? 8),
    },
  )
  expect([...reached].toSorted()).toEqual(["former", "led", "led again", "member", "tombstone"])
  expect(commits).toBeGreaterThan(50)
})
