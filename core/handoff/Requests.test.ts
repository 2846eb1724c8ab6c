import { assert, describe, expect, it } from "vitest"
import { OnePeer } from "./OnePeer.samples.ts"

describe("a request", () => {
  it("is run, journaled, and answered once that is durable", () => {
    const one = new OnePeer()
    one.start()
    const token = one.request("ann", "a1")
    expect(one.runs).toHaveLength(1)
    one.answer()
    expect(one.reply(token)).toBe("none")
    one.flush()
    expect(one.reply(token)).toBe("answered a1")
  })

  it("waits for the one before it of the same session, and for no other", () => {
    const one = new OnePeer()
    one.start()
    const tokens = ["a1", "a2", "b1"].map((id) => one.request(id.startsWith("a") ? "ann" : "bob", id))
    expect(one.started.map(({ id }) => id)).toEqual(["a1", "b1"])
    one.answer()
    expect(one.started).toHaveLength(2)
    one.flush()
    expect(one.started.map(({ id }) => id)).toEqual(["a1", "b1", "a2"])
    one.settle()
    expect(tokens.map((token) => one.reply(token))).toEqual(["answered a1", "answered a2", "answered b1"])
  })

  it("that comes again is run once, whatever the first is doing, and all are answered alike", () => {
    const one = new OnePeer()
    one.start()
    one.request("ann", "a0")
    const tokens = [one.request("ann", "a1"), one.request("ann", "a1")]
    one.answer()
    one.flush()
    tokens.push(one.request("ann", "a1"))
    one.answer()
    tokens.push(one.request("ann", "a1"))
    one.flush()
    tokens.push(one.request("ann", "a1"))
    assert.deepEqual(
      tokens.map((token) => one.reply(token)),
      tokens.map(() => "answered a1"),
    )
    expect(one.started).toHaveLength(2)
  })
})
