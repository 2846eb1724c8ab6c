import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { explored } from "../../explorer/Explore.ts"
import { verdictOf } from "../../explorer/Report.ts"
import { correctedChord } from "./CorrectedChord.ts"
import { publishedChord } from "./PublishedChord.ts"
import type { Ring } from "./Ring.ts"
import type { RingOptions } from "./RingOptions.ts"
import { mutants, scopes, system } from "./RingSystem.ts"

const small: RingOptions = {
  rules: "ours",
  peers: 4,
  founders: [0, 1, 2],
  successors: 2,
  failures: 0,
  suspicions: 0,
}

test("a newcomer joins three founders and nobody fails: all is kept, and the ring can always become ideal", () => {
  const report = explored(system(small))
  expect(report).toMatchObject({ distinct: 4_896, transitions: 53_184, depth: 22, findings: [] })
  expect(verdictOf(report)).toBe("holds")
})

test("wherever the newcomer stands, there is as much to explore", () => {
  const turned = explored(system({ ...small, founders: [0, 1, 3] }))
  expect(turned).toMatchObject({ distinct: 4_896, transitions: 53_184, depth: 22 })
})

test("in the rules as published the defects are found, each by the fewest actions there are", () => {
  const [scope] = scopes({ rules: "original" })
  const report = explored(system(scope?.options ?? small), { states: 60_000, stopAt: "all" })
  const found = report.findings.map(({ name, way }) => [name, way.length - 1])
  expect(found).toEqual([
    ["ConnectedAppendages", 3],
    ["AtLeastOneRing", 4],
    ["ValidSuccessorList", 7],
    ["OrderedMerges", 8],
  ])
})

test("a first successor that is taken for dead costs the ring its principals", () => {
  const report = explored(system({ ...small, suspicions: 1 }))
  expect(report.findings.map(({ name }) => name)).toEqual(["SufficientPrincipals"])
})

/** States along a walk that takes what `picks` say. */
const walk = (rules: RingOptions["rules"], picks: ReadonlyArray<number>) => {
  const ring = system({ ...small, rules, failures: 1 })
  const states = [...ring.initial]
  for (const pick of picks) {
    const state = states.at(-1)
    const actions = state === undefined ? [] : ring.actions(state)
    const action = actions[pick % actions.length]
    if (state !== undefined && action !== undefined) states.push(ring.apply(state, action))
  }
  return { ring, states }
}

describe("a state's fingerprint", () => {
  test.each(["ours", "original"] as const)("by %s rules is the same for equal states only", (rules) => {
    const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 40 })
    const seen = new Map<string, Ring>()
    fc.assert(
      fc.property(picks, (some) => {
        const { ring, states } = walk(rules, some)
        for (const state of states) {
          const print = ring.fingerprint(state)
          const known = seen.get(print) ?? state
          expect(state).toEqual(known)
          seen.set(print, known)
        }
      }),
    )
  })
})

test("rules have names of their own, and mutants too", () => {
  for (const rules of [correctedChord(), publishedChord, mutants]) {
    const names = rules.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  }
})
