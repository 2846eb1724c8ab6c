import { expect, test } from "vitest"
import { fromHex } from "../../../core/ring/RingId.ts"
import type { ProcessEvent, ProcessLine } from "../../log/ProcessEvent.ts"
import { readEvent, writeEvent } from "./EventLine.ts"

const at = "2026-01-02T03:04:05.678Z"

/** One of each. */
const events: { readonly [Type in ProcessEvent["type"]]: Extract<ProcessEvent, { readonly type: Type }> } = {
  joined: { type: "joined", after: "b" },
  suspected: { type: "suspected", peer: "b", reason: "silent" },
  cleared: { type: "cleared", peer: "b" },
  successors: { type: "successors", list: ["b", ""] },
  predecessor: { type: "predecessor", from: fromHex("0".repeat(40)), name: "c", tookOver: "b" },
  leaving: { type: "leaving" },
  view: { type: "view", cell: 7, epoch: 2, members: ["a", "b", "c"], leads: true, entries: 9 },
  active: { type: "active", cell: 7, epoch: 2 },
  diverged: {
    type: "diverged",
    client: "alice",
    cell: 7,
    entry: 3,
    difference: { where: "/pid", journaled: "17", replayed: "18", flag: "--ignore /pid" },
    fenced: false,
  },
  corrupt: { type: "corrupt", cell: 7, reason: "two entries at 5" },
  listening: { type: "listening", ring: "h:1", http: "h:2" },
  ready: { type: "ready" },
  instance: { type: "instance", state: "ready", pid: 7 },
  service: { type: "service", stream: "err", line: 'he said "{"at":1}"' },
  warning: { type: "warning", reason: "odd" },
  failed: { type: "failed", reason: "no" },
}
const lines = Object.values(events).map((event): ProcessLine => ({ at, who: "a", event }))

test("what is written as JSON is read back, one line each", () => {
  for (const line of lines) {
    const written = writeEvent("json", line)
    expect(written).not.toContain("\n")
    expect(readEvent(written)).toEqual(line)
  }
})

test("a stray print is no event", () => {
  expect(["", "hello", '{"at":', "{}", "null"].map(readEvent)).toEqual(Array.from({ length: 5 }))
})

test("as text", () => {
  expect(lines.map((line) => writeEvent("text", line).replace(`${at} `, "")).join("\n"))
    .toMatchInlineSnapshot(`
      "a joined the ring after b
      a suspects b: fell silent
      a hears b again
      a successors: b -
      a predecessor: c, took over from b
      a leaves the ring
      a cell 7 epoch 2: leads with a b c, 9 entries
      a cell 7 epoch 2: serves
      a diverged: client alice, entry 3 of cell 7: /pid was 17, replayed 18; if this is noise, start all peers with --ignore /pid
      a cell 7 is corrupt: two entries at 5
      a listens on h:2 (HTTP) and h:1 (ring)
      a is ready
      a service ready, pid 7
      a service err: he said "{"at":1}"
      a warning: odd
      a failed: no"
    `)
})
