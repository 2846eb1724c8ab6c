import { expect, test } from "vitest"
import { encodeEntry } from "../codec/EntryCodec.ts"
import { putFetch } from "./Cells.ts"
import { chain } from "./Chain.ts"
import { Cluster, entry } from "./Cluster.samples.ts"
import { NO_HASH } from "./Durable.ts"
import { append, emptyLog, type Log, markOf } from "./Log.ts"

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
