import { expect, test } from "vitest"
import type { ProcessEvent } from "../../log/ProcessEvent.ts"
import { after, begun, ended, type Member, planned, upFileOf } from "./Member.ts"

const peer = planned({
  kind: "peer",
  name: "peer-1",
  ring: "127.0.0.1:20000",
  http: "127.0.0.1:20001",
  args: [],
  folder: "x",
})
const dispatcher = planned({ kind: "dispatcher", name: "d1", http: "127.0.0.1:8080", args: [], folder: "x" })

const live = (member: Member, ...events: ReadonlyArray<ProcessEvent>): Member => events.reduce(after, member)

const listens: ProcessEvent = { type: "listening", http: "127.0.0.1:20001" }
const ready: ProcessEvent = { type: "ready" }
const born: ProcessEvent = { type: "instance", state: "starting", pid: 7 }
const served: ProcessEvent = { type: "instance", state: "ready", pid: 7 }
const died: ProcessEvent = { type: "instance", state: "down", pid: null }

test("a peer is ready when it says so, not when its service is", () => {
  expect(live(peer, listens, born, served)).toMatchObject({
    state: "starting",
    served: false,
    instancePid: 7,
  })
  expect(live(peer, listens, born, served, ready)).toMatchObject({ state: "ready", served: true })
})

test("a dispatcher that found the ring is not ready before it listens", () => {
  expect(live(dispatcher, ready)).toMatchObject({ state: "starting", served: false })
  expect(live(dispatcher, ready, listens)).toMatchObject({ state: "ready", served: true })
})

test("without its service a peer is not ready, and with the next one it is again", () => {
  const serving = live(peer, listens, born, served, ready)
  expect(live(serving, died)).toMatchObject({ state: "starting", served: true, instancePid: null })
  expect(live(serving, died, born, served)).toMatchObject({ state: "ready" })
})

test("the next process of a member begins from nothing", () => {
  const serving = { ...live(peer, listens, born, served, ready), pid: 6 }
  expect(ended(serving, "down")).toMatchObject({ state: "down", pid: null, instancePid: null, served: true })
  expect(live(begun(ended(serving, "down")), born, served)).toMatchObject({ state: "starting" })
})

test("what does not matter changes nothing, so that nothing is written", () => {
  expect(live(peer, { type: "service", stream: "out", line: "x" }, { type: "leaving" })).toBe(peer)
})

test("up.json", () => {
  expect(
    upFileOf([
      { ...live(peer, born), pid: 6 },
      { ...live(dispatcher, ready, listens), pid: 5 },
    ]),
  ).toEqual({
    dispatchers: [{ name: "d1", pid: 5, url: "http://127.0.0.1:8080/", state: "ready" }],
    peers: [
      {
        name: "peer-1",
        pid: 6,
        instancePid: 7,
        ringPort: 20_000,
        url: "http://127.0.0.1:20001/",
        state: "starting",
      },
    ],
  })
})
