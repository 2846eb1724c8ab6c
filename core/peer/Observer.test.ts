import { expect, test } from "vitest"
import { journal } from "../handoff/OnePeer.samples.ts"
import type { Event } from "./Event.ts"
import { Observer } from "./Observer.ts"
import { initial, step } from "./Peer.ts"
import { peer } from "./Peer.samples.ts"
import type { TraceLine } from "./TraceLine.ts"

const self = peer(5)
const bytes = new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")

/** A peer that is alone in its ring, and what it did. */
const observed = (events: ReadonlyArray<Event>): ReadonlyArray<TraceLine> => {
  const observer = new Observer(7)
  let state = initial({
    self,
    founders: [self],
    founding: true,
    successors: 2,
    cells: 1,
    tickMs: 100,
    suspectTicks: 3,
    journal,
  })
  return events.flatMap((event, i) => {
    const before = state
    const { commands, state: after } = step(before, event)
    state = after
    return observer.observe(i, before, event, after, commands)
  })
}

const asked: ReadonlyArray<Event> = [
  { type: "started" },
  { type: "clock", nowMs: 1_000 },
  { type: "instance", birth: 1 },
  { type: "request", token: 9, cell: 0, client: "alice", id: "o-1", request: bytes, readOnly: false },
  { type: "answered", run: 1, outcome: { type: "answered", response: bytes } },
  { type: "persisted", upTo: 1 },
  { type: "find", token: 1, key: self.id, trace: false },
]

test("a request, from its entry in the log to its answer", () => {
  const lines = observed(asked)
  expect(lines.map(({ type }) => type)).toEqual([
    "started",
    "joined",
    "stored",
    "durable",
    "committed",
    "released",
    "lookup",
  ])
  expect(lines.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(lines[0]).toMatchObject({ peer: "p5", incarnation: 1, boot: 7, founders: [{ member: "p5#1" }] })
  expect(lines[2]).toMatchObject({
    t: 4,
    rests: 1,
    epoch: 0,
    length: 1,
    entries: [{ client: "alice", id: "o-1" }],
  })
  expect(lines[5]).toMatchObject({ t: 5, cell: 0, epoch: 0, entry: 0, client: "alice", id: "o-1" })
  // Nothing is outstanding any more.
  expect(lines[5]).not.toHaveProperty("rests")
  expect(lines[6]).toMatchObject({ key: self.id, found: "p5", hops: 0 })
})

test("who it is comes first, whatever it hears before it begins", () => {
  const [first, second] = observed([{ type: "clock", nowMs: 1_000 }, ...asked])
  expect([first?.type, second?.type]).toEqual(["started", "joined"])
})

test("a trace that goes to a file is the same every time", () => {
  expect(JSON.stringify(observed(asked))).toBe(JSON.stringify(observed(asked)))
})
