import { expect, test } from "vitest"
import type { Outcome, Reply } from "../../core/handoff/Reply.ts"
import { peer } from "../../core/peer/Peer.samples.ts"
import type { Write } from "../../core/replication/Durable.ts"
import { opened } from "../testing/Opened.ts"
import { until } from "../testing/Until.ts"
import { type ClientRequest, makeDriver } from "./Driver.ts"

const HOUR_MS = 3_600_000
const NOON = Date.UTC(2026, 0, 1, 12)

interface Run {
  readonly client: string
  readonly request: string
  readonly done: (outcome: Outcome) => void
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (reply: Reply | undefined): string =>
  reply?.type === "response" ? new TextDecoder().decode(reply.response) : (reply?.type ?? "none")

/** A ring of one, with the store and the service in the hands of the test. */
const lonePeer = async () => {
  const self = { ...peer(1), ring: "127.0.0.1:0" }
  const runs: Array<Run> = []
  const replayed: Array<string> = []
  const resting: Array<{ readonly mayRest: () => boolean; readonly end: () => void }> = []
  const persisted: Array<{ readonly number: number; readonly writes: ReadonlyArray<Write> }> = []
  let nowMs = NOON
  let settled = false
  let left = false
  const driving = await opened(
    makeDriver({
      cluster: "test",
      config: {
        self,
        founders: [self],
        founding: true,
        successors: 1,
        cells: 4,
        tickMs: 20,
        suspectTicks: 3,
        journal: {
          replicas: 1,
          boot: 1,
          standby: "warm",
          sessionState: "any",
          sessionEntries: 100,
          sessionBytes: 10_000,
          idleMs: HOUR_MS / 2,
          replays: 2,
        },
      },
      boot: 1,
      disk: { own: "a disk", isKnown: () => true, onDisowned: () => {} },
      listen: self.ring,
      routes: new Map(),
      journal: {
        store: { takeCells: () => [], write: (number, writes) => persisted.push({ number, writes }) },
        instances: () => ({
          run: (_, client, request, done) => {
            runs.push({ client, request: new TextDecoder().decode(request), done })
          },
          replay: (_birth, client, _fresh, steps, mayRest, done) => {
            replayed.push(client)
            const end = (): void => done(steps.length, null)
            if (mayRest()) resting.push({ mayRest, end })
            else end()
          },
          renew: () => {},
          retire: () => {},
        }),
      },
      now: () => nowMs,
      onTrace: () => {},
      onSettled: () => {
        settled = true
      },
      onLeft: () => {
        left = true
      },
      onProblem: () => {},
      onLeaveAsked: () => {},
      inspect: () => "{}",
      onSession: () => {},
    }),
  )
  const driver = driving.value
  driver.start()
  driver.tell({ type: "instance", birth: 1 })
  const flush = (): void => driver.tell({ type: "persisted", upTo: persisted.at(-1)?.number ?? 0 })
  const ask = (id: string, more: Partial<ClientRequest> = {}): { reply?: Reply; replies: number } => {
    const answered: { reply?: Reply; replies: number } = { replies: 0 }
    driver.request(
      { cell: 0, client: "alice", id, request: bytes(`ask ${id}`), readOnly: false, ...more },
      (reply) => {
        answered.reply = reply
        answered.replies++
      },
    )
    return answered
  }
  /** Asks, and answers as the service and as the disk. */
  const serve = async (id: string): Promise<string> => {
    const answered = ask(id)
    const run = await until("the service is asked", () => runs.shift())
    run.done({ type: "answered", response: bytes(`answer ${id}`) })
    flush()
    return text(await until("an answer", () => answered.reply))
  }
  await until("the peer leads its cells", () => {
    flush()
    return settled && driver.state().replicas[0]?.leading?.active === true ? true : undefined
  })
  return {
    driver,
    runs,
    replayed,
    resting,
    ask,
    serve,
    flush,
    setClock: (ms: number) => (nowMs = ms),
    hasLeft: () => left,
    [Symbol.asyncDispose]: driving[Symbol.asyncDispose],
  }
}

test("a request is run, and its answer given when it is durable, once", async () => {
  await using one = await lonePeer()
  const answered = one.ask("1")
  const run = await until("the service is asked", () => one.runs.shift())
  expect([run.client, run.request]).toEqual(["alice", "ask 1"])
  run.done({ type: "answered", response: bytes("answer 1") })
  const again = one.ask("1")
  expect([answered.replies, again.replies]).toEqual([0, 0])
  one.flush()
  expect([text(answered.reply), text(again.reply)]).toEqual(["answer 1", "answer 1"])
  expect(text(one.ask("1").reply)).toBe("answer 1")
  expect([answered.replies, again.replies, one.runs.length]).toEqual([1, 1, 0])
})

test("nothing is replayed while others wait for the disk, and all of it afterwards", async () => {
  await using one = await lonePeer()
  await one.serve("1")
  one.ask("1 of bob", { client: "bob" })
  const run = await until("the service is asked", () => one.runs.shift())
  run.done({ type: "answered", response: bytes("answer 1 of bob") })
  const another = (birth: number): void => {
    one.driver.tell({ type: "gone", birth: birth - 1 })
    one.driver.tell({ type: "instance", birth })
  }
  another(2)
  expect(one.replayed).toEqual([])
  one.flush()
  expect(one.replayed.toSorted()).toEqual(["alice", "bob"])
  another(3)
  expect(one.replayed.slice(2).toSorted()).toEqual(["alice", "bob"])
})

test("a long replay may rest until somebody waits for it", async () => {
  await using one = await lonePeer()
  for (let i = 1; i <= 17; i++) await one.serve(`${i}`)
  one.driver.tell({ type: "gone", birth: 1 })
  one.driver.tell({ type: "instance", birth: 2 })
  const [replay] = one.resting
  expect(replay?.mayRest()).toBe(true)
  const next = one.serve("next")
  expect(replay?.mayRest()).toBe(false)
  replay?.end()
  expect(await next).toBe("answer next")
  one.driver.tell({ type: "gone", birth: 2 })
  one.driver.tell({ type: "instance", birth: 3 })
  const [, another] = one.resting
  expect(another?.mayRest()).toBe(true)
  another?.end()
  expect(another?.mayRest()).toBe(false)
})

test("a clock that is set back by an hour costs no session, nor does it when it is set right", async () => {
  await using one = await lonePeer()
  expect(await one.serve("1")).toBe("answer 1")
  for (const nowMs of [NOON - HOUR_MS, NOON + 1_000]) {
    one.setClock(nowMs)
    await until("the core knows what time it is", () =>
      one.driver.state().nowMs === nowMs ? true : undefined,
    )
    expect(text(one.ask("1").reply)).toBe("answer 1")
    expect(await one.serve(`at ${nowMs}`)).toBe(`answer at ${nowMs}`)
  }
  expect(one.runs).toEqual([])
})

test("an hour without a word ends the session", async () => {
  await using one = await lonePeer()
  await one.serve("1")
  one.setClock(NOON + HOUR_MS)
  await until("it is forgotten", () => {
    one.flush()
    const { reply } = one.ask("1")
    return reply === undefined && one.runs.length > 0 ? true : undefined
  })
  expect(one.runs[0]?.request).toBe("ask 1")
})

test("a peer that leaves says when it has handed over, and answers to the end", async () => {
  await using one = await lonePeer()
  await one.serve("1")
  one.driver.leave()
  await until("it has left", () => {
    one.flush()
    return one.hasLeft() ? true : undefined
  })
  expect(one.driver.state().phase).toBe("leaving")
})
