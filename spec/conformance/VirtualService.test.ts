import { expect, test } from "vitest"
import type { Event } from "../../core/peer/Event.ts"
import { eventQueue } from "./EventQueue.ts"
import { seeded } from "./Seeded.ts"
import { type ServiceOptions, VirtualService } from "./VirtualService.ts"

const utf8 = new TextEncoder()
const text = new TextDecoder()

const calm: ServiceOptions = {
  startMs: [1, 1],
  runMs: [1, 1],
  slow: [0, 0],
  unjournaled: 0,
  fatal: 0,
  stateInCookies: true,
}

/** A service, what it says, and a way to let time go by. */
const started = (options: Partial<ServiceOptions> = {}) => {
  const queue = eventQueue<() => void>()
  const events: Array<Event> = []
  let now = 0
  const service = new VirtualService(
    seeded(1),
    () => ({ ...calm, ...options }),
    (event) => events.push(event),
    (ms, call) => queue.push(now + ms, call),
  )
  const pass = (ms: number): ReadonlyArray<Event> => {
    const until = now + ms
    for (let next = queue.popUntil(until); next !== undefined; next = queue.popUntil(until)) {
      now = next.at
      next.what()
    }
    now = until
    return events.splice(0)
  }
  expect(pass(2)).toEqual([{ type: "instance", birth: 1 }])
  const run = (number: number, request: string, birth = 1): void =>
    service.carryOut({ type: "run", run: number, birth, client: "ada", request: utf8.encode(request) })
  return { service, pass, run }
}

const answers = (events: ReadonlyArray<Event>): ReadonlyArray<string> =>
  events.flatMap((event) =>
    event.type === "answered" ? [`${event.outcome.type} ${text.decode(event.outcome.response)}`] : [],
  )

const step = (request: string, response: string, replay: "compare" | "run" | "skip" = "compare") => ({
  type: "request" as const,
  client: "ada",
  id: request,
  at: 0,
  replay,
  request: utf8.encode(request),
  response: utf8.encode(response),
})

test("an answer tells all that was applied, and looking applies nothing", () => {
  const { pass, run } = started()
  run(1, "a")
  expect(answers(pass(5))).toEqual(["answered ada: a"])
  run(2, "look")
  expect(answers(pass(5))).toEqual(["answered ada: a"])
  run(3, "b")
  expect(answers(pass(5))).toEqual(["answered ada: a b"])
})

test("a replay applies its steps in order, and stops at the first that differs", () => {
  const { service, pass } = started()
  const steps = [step("a", "ada: a"), step("x", "", "skip"), step("b", "?", "run"), step("c", "ada: c")]
  service.carryOut({ type: "replay", run: 7, birth: 1, client: "ada", fresh: true, urgent: true, steps })
  expect(pass(5)).toMatchObject([
    {
      type: "replayed",
      run: 7,
      applied: 3,
      difference: { journaled: "ada: c", replayed: "ada: a b c" },
    },
  ])
})

test("an instance that dies ends what runs on it, and another is started", () => {
  const { service, pass, run } = started()
  run(1, "a")
  service.die()
  expect(pass(5)).toMatchObject([
    { type: "gone", birth: 1 },
    { type: "instance", birth: null },
    { type: "answered", run: 1, outcome: { type: "died" } },
    { type: "instance", birth: 2 },
  ])
  run(2, "a", 2)
  expect(answers(pass(5))).toEqual(["answered ada: a"])
})

test("runs that overlap, and births that are retired too early, are errors of the core", () => {
  const { service, pass, run } = started()
  run(1, "a")
  expect(() => run(2, "b")).toThrow(/two runs of ada overlap on birth 1/)
  pass(5)
  expect(() => service.carryOut({ type: "retire", birth: 1 })).toThrow(/there is no later one/)
  service.carryOut({ type: "renew", birth: 1, reason: "" })
  run(3, "c")
  expect(() => service.carryOut({ type: "retire", birth: 1 })).toThrow(/while 3 ran on it/)
})
