import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  decide,
  type Decision,
  meaningOf,
  pauseMs,
  type Setback,
  silenceMs,
  type Standing,
} from "./RetryRule.ts"

const seed = 20_261_122
const peer = (name: string) => ({ name, http: `${name}:1` })
const leader = peer("p2")

const name = fc.constantFrom("p1", "p2", "p3")
const anyPeer = name.map(peer)
const anySetback: fc.Arbitrary<Setback> = fc.oneof(
  fc.record({ kind: fc.constantFrom("misdirected", "displaced"), leader: fc.option(anyPeer) }),
  fc.record({ kind: fc.constant("moved" as const), leader: anyPeer, sent: fc.boolean() }),
  fc.record({ kind: fc.constantFrom("no-instance", "unsent", "busy", "lost", "stranger", "garbage") }),
)
const anyStanding: fc.Arbitrary<Standing> = fc.record({
  repeatable: fc.boolean(),
  inDoubt: fc.boolean(),
  setbacks: fc.integer({ min: 1, max: 20 }),
  tried: anyPeer,
  failed: fc.option(name),
})

const standing: Standing = { repeatable: true, inDoubt: false, setbacks: 1, tried: peer("p1"), failed: null }

/** What becomes of a request that may be executed twice, and of one that may not. */
const both = (setback: Setback): ReadonlyArray<Decision["next"] | number> =>
  [true, false].map((repeatable) => {
    const decision = decide(setback, { ...standing, repeatable })
    return decision.next === "answer" ? decision.status : decision.next
  })

describe("what was not executed is tried again, whatever it is", () => {
  test.each<readonly [Setback, Decision["next"]]>([
    [{ kind: "misdirected", leader }, "try"],
    [{ kind: "misdirected", leader: null }, "ask"],
    [{ kind: "no-instance" }, "pause"],
    [{ kind: "unsent" }, "ask"],
    [{ kind: "moved", leader, sent: false }, "try"],
  ])("%j", (setback, next) => {
    expect(both(setback)).toEqual([next, next])
  })
})

describe("what may have been executed is tried again only if that is harmless", () => {
  test.each<readonly [Setback, Decision["next"]]>([
    [{ kind: "lost" }, "ask"],
    [{ kind: "stranger" }, "ask"],
    [{ kind: "displaced", leader }, "try"],
    [{ kind: "displaced", leader: null }, "ask"],
    [{ kind: "moved", leader, sent: true }, "try"],
  ])("%j", (setback, next) => {
    expect(both(setback)).toEqual([next, 502])
  })
})

test("neither too many requests nor a stranger that speaks no HTTP get better by trying", () => {
  expect(both({ kind: "busy" })).toEqual([503, 503])
  expect(both({ kind: "garbage" })).toEqual([502, 502])
})

test("what may have been executed is not told to come back later, as another request: it waits", () => {
  const doubtful = { ...standing, inDoubt: true }
  expect(decide({ kind: "busy" }, doubtful)).toEqual({ next: "pause", leader: peer("p1") })
  expect(decide({ kind: "busy" }, { ...doubtful, repeatable: false })).toMatchObject({ status: 503 })
})

test("what may have been executed and is not repeatable never goes out again", () => {
  fc.assert(
    fc.property(anySetback, anyStanding, (setback, at) => {
      fc.pre(meaningOf(setback).maybeExecuted)
      expect(decide(setback, { ...at, repeatable: false }).next).toBe("answer")
    }),
    { seed },
  )
})

test("a repeatable request is given up for nothing that another peer can mend", () => {
  fc.assert(
    fc.property(anySetback, anyStanding, (setback, at) => {
      const answers = decide(setback, { ...at, repeatable: true }).next === "answer"
      expect(answers).toBe((setback.kind === "busy" && !at.inDoubt) || setback.kind === "garbage")
    }),
    { seed },
  )
})

test("at most three attempts in a row, whatever the peers say", () => {
  fc.assert(
    fc.property(fc.array(anySetback, { minLength: 3, maxLength: 3 }), anyStanding, (setbacks, at) => {
      const next = setbacks.map((setback, index) => decide(setback, { ...at, setbacks: index + 1 }).next)
      expect(next.some((one) => one === "pause" || one === "answer")).toBe(true)
    }),
    { seed },
  )
})

test("a peer that has just failed is tried again only after a pause", () => {
  fc.assert(
    fc.property(anySetback, anyStanding, (setback, at) => {
      const decision = decide(setback, at)
      const triedAtOnce = decision.next === "try" ? decision.leader.name : undefined
      expect(at.failed !== null && triedAtOnce === at.failed).toBe(false)
    }),
    { seed },
  )
})

test("pauses and silences never shrink a request's patience to nothing, nor stretch it without end", () => {
  const pauses = Array.from({ length: 50 }, (_, index) => pauseMs(index))
  const silences = Array.from({ length: 50 }, (_, index) => silenceMs(index, false))
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b))
  expect([Math.min(...pauses), Math.max(...pauses)]).toEqual([25, 100])
  // The ring needs 300 to 400 ms to suspect a peer: it is asked often enough around then, and seldom later.
  expect([Math.min(...silences), Math.max(...silences)]).toEqual([50, 1_000])
  for (let index = 0; index < 50; index++) expect(silenceMs(index, true)).toBeGreaterThanOrEqual(300)
})

test("every refusal says in one line what is the matter", () => {
  fc.assert(
    fc.property(anySetback, anyStanding, (setback, at) => {
      const decision = decide(setback, at)
      fc.pre(decision.next === "answer")
      expect("reason" in decision ? decision.reason : "").toMatch(/^[\x20-\x7e]{40,170}$/)
    }),
    { seed },
  )
})
