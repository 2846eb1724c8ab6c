import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import type { Outcome } from "../../core/handoff/Reply.ts"
import type { RequestEntry } from "../../core/replication/Entry.ts"
import { type RunningInstances, startInstances } from "../testing/RunningInstances.ts"
import { ODD_SERVICE } from "../testing/services/Services.ts"
import { until } from "../testing/Until.ts"

// Real processes on a machine that others use too.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
const said = (outcome: Outcome): string => Buffer.from(outcome.response).toString("latin1")
const brief = (outcome: Outcome): string => `${outcome.type} ${said(outcome).slice(9, 12)}`
const LIMIT = 1_048_576

let peer: RunningInstances
beforeAll(async () => {
  peer = await startInstances(ODD_SERVICE, { answerMs: 1_000, quietMs: 200 })
})
afterAll(() => peer[Symbol.asyncDispose]())

/** The birth that serves now. */
const newest = (): Promise<number> =>
  until("an instance is ready", () =>
    peer.instances.upstream() === null ? undefined : (peer.births.at(-1) ?? undefined),
  )

test.each([
  ["/events", "unjournaled 501", "text/event-stream"],
  ["/drip", "unjournaled 501", "nothing of it came for 200 ms"],
  ["/early", "unjournaled 502", "closed the connection before it had answered in full"],
  ["/short", "unjournaled 502", "closed the connection before it had answered in full"],
  ["/garbage", "unjournaled 502", "not valid HTTP/1.1"],
  [`/bytes/${LIMIT}`, "answered 200", `Content-Length: ${LIMIT}\r\n`],
  [`/bytes/${LIMIT + 1}`, "unjournaled 502", `${LIMIT + 1} bytes is larger than the limit of ${LIMIT} bytes`],
  [`/chunked/${LIMIT}`, "answered 200", `Content-Length: ${LIMIT}\r\n`],
  [`/chunked/${LIMIT + 1}`, "unjournaled 502", `larger than the limit of ${LIMIT} bytes`],
])("%s: %s, and the instance goes on", async (path, expected, reason) => {
  const birth = await newest()
  const outcome = await peer.run(birth, "c", get(path))
  expect([brief(outcome), said(outcome)]).toEqual([expected, expect.stringContaining(reason)])
  expect(brief(await peer.run(birth, "c", get("/count")))).toBe("answered 200")
  expect(await newest()).toBe(birth)
})

describe("a fresh instance takes the place of one", () => {
  test.each([
    ["/hang", "hung 504"],
    ["/die", "died 502"],
  ])("%s: %s, and so does what ran beside it", async (path, expected) => {
    const birth = await newest()
    const beside = peer.run(birth, "other", get("/drip"))
    const outcome = await peer.run(birth, "c", get(path))
    expect(brief(outcome)).toBe(expected)
    expect(await beside).toMatchObject({ type: expect.stringMatching(/died|unjournaled/) })
    const next = await until("another is born", async () => {
      const now = await newest()
      return now > birth ? now : undefined
    })
    expect([next, peer.births.at(-2)]).toEqual([birth + 1, null])
    expect(said(await peer.run(next, "c", get("/")))).toContain('{"count":1}')
    expect(brief(await peer.run(birth, "c", get("/")))).toBe("died 502")
  })
})

test("two births are two truths, and each client may be on either", async () => {
  const old = await newest()
  peer.instances.renew(old, "to see")
  const fresh = await until("another is born", () => (peer.births.at(-1) === old + 1 ? old + 1 : undefined))
  const step: RequestEntry = {
    type: "request",
    client: "c",
    id: "1",
    at: 0,
    replay: "compare",
    request: Buffer.from(get("/")),
    response: Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"count":1}'),
  }
  expect(await peer.replay(fresh, "c", [step])).toEqual({ applied: 1, difference: null })
  await peer.run(old, "c", get("/"))
  expect(await peer.replay(old, "c", [step])).toMatchObject({ applied: 1, difference: { where: "/count" } })
  const hanging = peer.run(old, "c", get("/hang"))
  peer.instances.retire(old)
  expect(brief(await hanging)).toBe("died 502")
  expect(said(await peer.run(fresh, "c", get("/")))).toContain('{"count":2}')
})
