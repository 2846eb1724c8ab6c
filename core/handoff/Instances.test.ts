import { assert, describe, expect, it } from "vitest"
import { HOLD_TICKS } from "./Holding.ts"
import { difference, OnePeer, withEntries } from "./OnePeer.samples.ts"

const types = (one: OnePeer): ReadonlyArray<string> => one.log.map(({ type }) => type)

describe("a fresh instance", () => {
  it("is shown all that is committed before it serves a session", () => {
    const one = withEntries(3, { standby: "cold" })
    one.die()
    one.start()
    const token = one.request("ann", "a4")
    expect(one.runs).toHaveLength(0)
    expect(one.replays.map(({ steps, birth }) => [birth, steps.map(({ id }) => id)])).toEqual([
      [2, ["a1", "a2", "a3"]],
    ])
    one.settle()
    expect(one.reply(token)).toBe("answered a4")
    expect(one.seenBy(2, "ann")).toEqual(["a1", "a2", "a3", "a4"])
  })

  it("goes on where it was: what was replayed is not replayed again", () => {
    const one = withEntries(3, { standby: "cold" })
    one.die()
    one.start()
    one.request("ann", "a4")
    one.settle()
    one.request("ann", "a5")
    expect(one.replays).toHaveLength(0)
    expect(one.runs).toHaveLength(1)
  })
})

describe("a request that the service does not survive", () => {
  it("is run once more on the next instance; the second death is its answer, and replay skips it", () => {
    const one = withEntries(1)
    const token = one.request("ann", "bad")
    one.die()
    expect(one.reply(token)).toBe("none")
    one.start()
    one.replayed()
    expect(one.runs).toHaveLength(1)
    one.die()
    one.flush()
    expect(one.reply(token)).toBe("died bad")
    one.start()
    const [replay] = one.replays
    expect(replay?.steps.map(({ id, replay: how }) => [id, how])).toEqual([
      ["a1", "compare"],
      ["bad", "skip"],
    ])
    one.settle()
  })

  it("that hangs is answered for it, and skipped", () => {
    const one = withEntries(1)
    const token = one.request("ann", "slow")
    one.answer(undefined, "hung")
    one.flush()
    expect(one.reply(token)).toBe("hung slow")
    assert.isNull(one.state.handoff.birth)
    one.start()
    expect(one.replays[0]?.steps.at(-1)?.replay).toBe("skip")
  })

  it("during replay thrice is not replayed for ever", () => {
    const one = withEntries(2)
    one.die()
    for (let i = 0; i < 3; i++) {
      one.start()
      one.die()
    }
    one.start()
    expect(one.replays).toHaveLength(0)
    expect(one.reply(one.request("ann", "a3"))).toBe("diverged")
  })
})

describe("a replay that differs", () => {
  it("is reported at once, tried on a fresh instance at the next request, and fenced if it differs again", () => {
    const one = withEntries(2)
    one.die()
    one.start()
    one.replayed(undefined, 1, difference)
    expect(one.log.filter(({ type }) => type === "trace")).toHaveLength(1)
    expect(types(one)).not.toContain("renew")
    const token = one.request("ann", "a3")
    expect(types(one)).toContain("renew")
    one.start()
    one.replayed(undefined, 1, difference)
    expect(one.reply(token)).toBe("diverged")
    expect(one.reply(one.request("ann", "a4"))).toBe("diverged")
    const last = one.log.findLast(({ type }) => type === "trace")
    expect(last).toMatchObject({ record: { type: "diverged", client: "ann", entry: 0, fenced: true } })
  })

  it("goes on if a fresh instance agrees", () => {
    const one = withEntries(2)
    one.die()
    one.start()
    one.replayed(undefined, 1, difference)
    const token = one.request("ann", "a3")
    one.settle()
    expect(one.reply(token)).toBe("answered a3")
  })

  it("says how to go on, in words that a shell takes as they are meant, whatever the client is called", () => {
    const client = "o'hara; rm -rf ~"
    const one = withEntries(1, { standby: "cold" }, client)
    one.die()
    one.start()
    const token = one.request(client, "a2")
    one.replayed(undefined, 0, difference)
    expect(one.replies.get(token)).toMatchObject({
      reason: expect.stringMatching(/ ringstead session reset 'o'\\''hara; rm -rf ~'$/),
    })
  })

  it("fences at once where there is no standby, until it is reset", () => {
    const one = withEntries(2, { standby: "cold" })
    one.die()
    one.start()
    const token = one.request("ann", "a3")
    one.replayed(undefined, 1, difference)
    expect(one.reply(token)).toBe("diverged")
    const reset = one.reset("ann")
    one.flush()
    expect(one.reply(reset)).toBe("")
    const after = one.request("ann", "a4")
    one.settle()
    expect(one.reply(after)).toBe("answered a4")
    expect(one.seenBy(one.birth, "ann")).toEqual(["a4"])
    expect(one.birth).toBe(3)
  })
})

it("whoever waits in line for a replay is not turned away because an instance dies", () => {
  const one = new OnePeer({ replays: 1 })
  one.start()
  const clients = ["a", "b", "c"]
  for (const client of clients) one.request(client, `${client}1`)
  one.settle()
  one.die()
  one.start()
  const token = one.request(clients.find((name) => name !== one.replays[0]?.client) ?? "", "next")
  one.tick(HOLD_TICKS + 10)
  one.die()
  one.tick()
  expect(one.reply(token)).toBe("none")
  one.settle()
  expect(one.reply(token)).toBe("answered next")
})
