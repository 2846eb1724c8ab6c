import { describe, expect, test } from "vitest"
import { decide, type Decision, type Setback } from "./RetryRule.ts"

const leader = { name: "p2", http: "h:2" }

/** What becomes of a request that may be executed twice, and of one that may not. */
const both = (setback: Setback): ReadonlyArray<Decision["next"] | number> =>
  [true, false].map((idempotent) => {
    const decision = decide(setback, idempotent, 1)
    return decision.next === "answer" ? decision.status : decision.next
  })

describe("what was not executed is tried again, whatever its method", () => {
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
    [{ kind: "moved", leader, sent: true }, "try"],
  ])("%j", (setback, next) => {
    expect(both(setback)).toEqual([next, 502])
  })
})

test("neither too many requests nor a stranger in the peer's place get better by trying", () => {
  expect(both({ kind: "busy" })).toEqual([503, 503])
  expect(both({ kind: "garbage" })).toEqual([502, 502])
})

test("peers that name one another in turn are left alone for a moment", () => {
  const setback: Setback = { kind: "misdirected", leader }
  expect([1, 2, 3, 4].map((times) => decide(setback, true, times).next)).toEqual([
    "try",
    "try",
    "pause",
    "pause",
  ])
})

test("every refusal says in one line what is the matter", () => {
  for (const kind of ["busy", "garbage", "lost"] as const) {
    const decision = decide({ kind }, false, 0)
    expect(decision.next === "answer" && /^[\x20-\x7e]{40,160}$/.test(decision.reason)).toBe(true)
  }
})
