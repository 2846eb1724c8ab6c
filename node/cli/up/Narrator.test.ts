import { beforeEach, describe, expect, test } from "vitest"
import type { ProcessEvent } from "../../log/ProcessEvent.ts"
import { idAt } from "../look/testing/Views.ts"
import { Narrator } from "./Narrator.ts"

const places: Readonly<Record<string, number>> = { "peer-1": 0x400, "peer-2": 0x800, "peer-3": 0xc00 }
const facts = {
  cells: 128,
  mode: "stateless" as const,
  firstLeader: () => "peer-1",
  idOf: (name: string) => (places[name] === undefined ? undefined : idAt(places[name])),
}

let narrator: Narrator
const hear = (who: string, event: ProcessEvent) => narrator.heard(who, event, 0)

beforeEach(() => {
  narrator = new Narrator(facts)
  narrator.started()
})

const takeover = (from: string, lost: string) =>
  hear("peer-3", { type: "predecessor", from: idAt(places[from] ?? 0), name: from, tookOver: lost })

describe("a takeover says how many cells went from whom to whom", () => {
  test("a quarter of the ring", () => {
    expect(takeover("peer-1", "peer-2")).toBe("peer-3 took over 32 cells from peer-2")
  })
  test("all that two lost peers led, when the nearer one was found dead first", () => {
    expect(takeover("peer-3", "peer-2")).toBe("peer-3 took over 96 cells from peer-2")
  })
  test("a peer whose place is not known is named all the same", () => {
    expect(takeover("peer-1", "stranger")).toBe("peer-3 took over from stranger")
  })
  test("a new predecessor is no takeover", () => {
    expect(
      hear("peer-3", { type: "predecessor", from: idAt(1), name: "peer-1", tookOver: null }),
    ).toBeUndefined()
  })
})

describe("each thing is told once", () => {
  const suspected: ProcessEvent = { type: "suspected", peer: "peer-2", reason: "reset" }

  test("however many suspect a peer, and again only after it was heard", () => {
    expect(hear("peer-1", suspected)).toBe("peer-2 suspected by peer-1: its connection was reset")
    expect(hear("peer-3", suspected)).toBeUndefined()
    expect(hear("peer-3", { type: "cleared", peer: "peer-2" })).toBe("peer-2 is heard again by peer-3")
    expect(hear("peer-1", { type: "cleared", peer: "peer-2" })).toBeUndefined()
    expect(hear("peer-1", suspected)).toBeDefined()
  })

  test("a peer that joins again is no longer suspected", () => {
    hear("peer-1", suspected)
    expect(hear("peer-2", { type: "joined", after: "peer-1" })).toBe("peer-2 joined after peer-1")
    expect(hear("peer-3", suspected)).toBeDefined()
  })
})

test("a service that died is told by the warning that says how, and by its return", () => {
  const warning: ProcessEvent = { type: "warning", reason: 'service "s" ended with exit code 3' }
  expect(hear("peer-1", { type: "instance", state: "down", pid: null })).toBeUndefined()
  expect(hear("peer-1", warning)).toBe('peer-1: service "s" ended with exit code 3')
  expect(hear("peer-1", { type: "instance", state: "starting", pid: 7 })).toBeUndefined()
  expect(hear("peer-1", { type: "instance", state: "ready", pid: 7 })).toBe(
    "peer-1's service is ready, pid 7",
  )
})

test("a peer that leaves is told by itself, not by those who then count on it no more", () => {
  expect(hear("peer-2", { type: "leaving" })).toBe("peer-2 leaves the ring")
  expect(hear("peer-1", { type: "suspected", peer: "peer-2", reason: "leaving" })).toBeUndefined()
})

test("the ordinary start is no news", () => {
  narrator = new Narrator(facts)
  const start: ReadonlyArray<ProcessEvent> = [
    { type: "listening", http: "127.0.0.1:1" },
    { type: "instance", state: "starting", pid: 1 },
    { type: "instance", state: "ready", pid: 1 },
    { type: "joined", after: null },
    { type: "successors", list: ["peer-2"] },
    { type: "ready" },
  ]
  expect(start.map((event) => hear("peer-1", event))).toEqual(start.map(() => undefined))
  expect(hear("peer-1", { type: "warning", reason: "odd" })).toBe("peer-1: odd")
})

test("with journals it is views that tell who took over, once for all cells and when they are all there", () => {
  narrator = new Narrator({ ...facts, mode: "replay" })
  narrator.started()
  expect(takeover("peer-1", "peer-2")).toBeUndefined()
  for (let cell = 0; cell < 26; cell++) {
    hear("peer-3", { type: "view", cell, epoch: 1, members: ["peer-3"], leads: true, entries: 2 })
    expect(hear("peer-3", { type: "active", cell, epoch: 1 })).toBeUndefined()
  }
  expect(narrator.concluded(100)).toEqual([])
  expect(narrator.concluded(1_000)).toEqual(["peer-3 took over 26 cells from peer-1, 52 journaled requests"])
})

test("an end says how and what comes next", () => {
  expect(narrator.ended("peer-1", { code: null, signal: "SIGKILL", complaint: "" }, "back in 5 s")).toBe(
    "peer-1 was killed (SIGKILL); back in 5 s",
  )
  expect(narrator.ended("peer-1", { code: 70, signal: null, complaint: "a bug" }, "it stays away")).toBe(
    "peer-1 ended with code 70: a bug; it stays away",
  )
})
