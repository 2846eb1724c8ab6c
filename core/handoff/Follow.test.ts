import { describe, expect, it } from "vitest"
import { durableOf } from "../replication/Log.ts"
import { OnePeer } from "./OnePeer.samples.ts"
import { counts, sessionView } from "./SessionView.ts"

/** The same peer after a restart: what it had stored is all that it knows. */
const restarted = (one: OnePeer): OnePeer => {
  const replica = one.state.replicas[0]
  if (replica === undefined || replica === null) throw new Error("there is nothing to restart with")
  return new OnePeer({ boot: 2 }, { durable: [{ record: replica.record, log: durableOf(replica.log) }] })
}

describe("a peer that starts again", () => {
  it("knows every session and every request from its journal", () => {
    const before = new OnePeer()
    before.start()
    for (const [client, id] of [
      ["ann", "a1"],
      ["bob", "b1"],
      ["ann", "a2"],
    ] as const) {
      before.request(client, id)
      before.settle()
    }
    const one = restarted(before)
    expect(counts(one.state)).toEqual({ sessions: 2, led: 2, behind: 2, unready: 0, fenced: [] })
    expect(one.reply(one.request("ann", "a1"))).toBe("answered a1")
    const token = one.request("ann", "a3")
    expect(one.started).toHaveLength(0)
    one.settle()
    expect(one.reply(token)).toBe("answered a3")
    expect(one.seenBy(1, "ann")).toEqual(["a1", "a2", "a3"])
    expect(counts(one.state).behind).toBe(0)
  })

  it("knows an ended session no more, and its requests may come again", () => {
    const before = new OnePeer()
    before.start()
    before.request("ann", "a1")
    before.settle()
    before.reset("ann")
    before.settle()
    const one = restarted(before)
    expect(sessionView(one.state, 0, "ann").entries).toBe(0)
    const token = one.request("ann", "a1")
    one.settle()
    expect(one.reply(token)).toBe("answered a1")
    expect(one.started).toHaveLength(1)
  })
})
