import { describe, expect, it } from "vitest"
import { OnePeer } from "./OnePeer.samples.ts"
import { counts, sessionView } from "./SessionView.ts"

const HOUR = 3_600_000
const START = 1_000_000

const asked = (clients: ReadonlyArray<string>): OnePeer => {
  const one = new OnePeer({ idleMs: HOUR })
  one.start()
  for (const client of clients) one.request(client, `${client}1`)
  one.settle()
  return one
}

describe("a session that nobody uses", () => {
  it("ends after the idle time, and its bytes go", () => {
    const one = asked(["ann", "bob"])
    one.clock(START + HOUR)
    one.settle()
    expect(counts(one.state).sessions).toBe(2)
    one.clock(START + HOUR + 1)
    one.settle()
    expect(counts(one.state).sessions).toBe(0)
    expect(one.state.replicas[0]?.log.start.length).toBe(4)
    expect(one.state.handoff.cells[0]?.index.owners).toHaveLength(0)
  })

  it("stays if it was used meanwhile, by a read-only request too", () => {
    const one = asked(["ann", "bob", "eve"])
    one.clock(START + HOUR / 2)
    one.request("ann", "ann2")
    one.request("bob", "read", true)
    one.settle()
    one.clock(START + HOUR + 1)
    one.settle()
    expect(sessionView(one.state, 0, "ann").entries).toBe(2)
    expect(sessionView(one.state, 0, "bob").entries).toBe(1)
    expect(sessionView(one.state, 0, "eve").entries).toBe(0)
    one.clock(START + 2 * HOUR)
    one.settle()
    expect(counts(one.state).sessions).toBe(0)
  })

  it("never ends early when the clock is set back by an hour and put right again", () => {
    const one = asked(["ann"])
    one.clock(START + HOUR / 2)
    one.clock(START - HOUR / 2)
    one.request("bob", "bob1")
    one.settle()
    one.clock(START + HOUR / 2 + 1)
    one.settle()
    expect(counts(one.state).sessions).toBe(2)
  })

  it("begins anew when its client comes back, and the instance has forgotten it", () => {
    const one = asked(["ann"])
    one.clock(START + HOUR + 1)
    one.settle()
    const token = one.request("ann", "ann1")
    one.settle()
    expect(one.reply(token)).toBe("answered ann1")
    expect(one.seenBy(1, "ann")).toEqual(["ann1"])
    expect(one.log.filter(({ type }) => type === "renew")).toHaveLength(0)
  })

  it("ends in batches when there are many, each once", () => {
    const clients = Array.from({ length: 300 }, (_, i) => `c${i}`)
    const one = asked(clients)
    for (let i = 1; i < 20; i++) {
      one.clock(START + HOUR + i * 1000)
      one.settle()
    }
    expect(counts(one.state).sessions).toBe(0)
    expect(one.state.replicas[0]?.log.length).toBe(600)
  })
})

describe("a reset", () => {
  it("ends the session at once; what comes next runs on a fresh instance", () => {
    const one = asked(["ann"])
    const token = one.reset("ann")
    expect(one.reply(token)).toBe("none")
    one.flush()
    expect(one.replies.get(token)).toMatchObject({ type: "response", entry: 1 })
    const next = one.request("ann", "ann1")
    one.settle()
    expect(one.reply(next)).toBe("answered ann1")
    expect(one.seenBy(2, "ann")).toEqual(["ann1"])
  })

  it("is answered for a client that nobody knows", () => {
    const one = asked([])
    const token = one.reset("nobody")
    one.settle()
    expect(one.replies.get(token)?.type).toBe("response")
  })
})
