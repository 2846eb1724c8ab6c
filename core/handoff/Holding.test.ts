import { describe, expect, it } from "vitest"
import { HOLD_TICKS, PATIENCE_TICKS } from "./Holding.ts"
import { MOST_OF_SESSION } from "./Lane.ts"
import { OnePeer } from "./OnePeer.samples.ts"

describe("a request that cannot go on", () => {
  it("is told that the service does not run, in time", () => {
    const one = new OnePeer()
    const token = one.request("ann", "a1")
    one.tick(HOLD_TICKS - 1)
    expect(one.reply(token)).toBe("none")
    one.tick()
    expect(one.reply(token)).toBe("no-instance")
    one.start()
    expect(one.runs).toHaveLength(0)
  })

  it("is told so when its entry is not committed in time, and answered when it comes again later", () => {
    const one = new OnePeer()
    one.start()
    const token = one.request("ann", "a1")
    one.answer()
    one.tick(HOLD_TICKS)
    expect(one.reply(token)).toBe("no-majority")
    // It lies in the log, and will be committed if ever the cell has a majority again.
    expect(one.replies.get(token)).toMatchObject({
      reason: expect.stringMatching(/may or may not have been executed$/),
    })
    const again = one.request("ann", "a1")
    one.flush()
    expect(one.reply(again)).toBe("answered a1")
    expect(one.started).toHaveLength(1)
  })

  it("waits for longer while the service is at work for its session, though not for ever", () => {
    const one = new OnePeer()
    one.start()
    const [first, second] = [one.request("ann", "a1"), one.request("ann", "a2")]
    one.tick(PATIENCE_TICKS - 1)
    expect([one.reply(first), one.reply(second)]).toEqual(["none", "none"])
    one.tick()
    expect([one.reply(first), one.reply(second)]).toEqual(["overloaded", "overloaded"])
    one.settle()
    expect(one.reply(one.request("ann", "a1"))).toBe("answered a1")
  })

  it("is turned away at once when too many of its session wait", () => {
    const one = new OnePeer()
    one.start()
    for (let i = 0; i <= MOST_OF_SESSION; i++) one.request("ann", `a${i}`)
    expect(one.reply(one.request("ann", "more"))).toBe("overloaded")
    expect(one.reply(one.request("bob", "b1"))).toBe("none")
    expect(one.reply(one.request("ann", "a5"))).toBe("none")
  })
})

describe("a session", () => {
  it("that has as many entries as it may takes no more, and answers those it has", () => {
    const one = new OnePeer({ sessionEntries: 2 })
    one.start()
    for (const id of ["a1", "a2"]) one.request("ann", id)
    one.settle()
    expect(one.reply(one.request("ann", "a3"))).toBe("session-full")
    expect(one.reply(one.request("ann", "a1"))).toBe("answered a1")
    expect(one.runs).toHaveLength(0)
  })

  it("that has as many bytes as it may takes no more", () => {
    const one = new OnePeer({ sessionBytes: 14 })
    one.start()
    one.request("ann", "a1")
    one.settle()
    expect(one.reply(one.request("ann", "a2"))).toBe("session-full")
  })
})

describe("a read-only request", () => {
  it("runs in its turn, is not journaled, and is answered when its round is confirmed", () => {
    const one = new OnePeer()
    one.start()
    one.request("ann", "a1")
    const token = one.request("ann", "read", true)
    expect(one.runs).toHaveLength(1)
    one.answer()
    one.flush()
    one.answer()
    expect(one.replies.get(token)).toMatchObject({ type: "response", entry: null })
    expect(one.state.replicas[0]?.log.length).toBe(1)
  })

  it("whose answer cannot be passed on is told why, as any other", () => {
    const one = new OnePeer()
    one.start()
    const token = one.request("ann", "read", true)
    one.answer(undefined, "unjournaled")
    one.flush()
    expect(one.reply(token)).toBe("unjournaled read")
  })
})
