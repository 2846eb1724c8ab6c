import fc from "fast-check"
import { expect, test } from "vitest"
import { explored } from "./Explore.ts"
import type { System } from "./System.ts"

/** Someone who goes from place to place where messages tell them to; each is used up, and some leave others behind. */
interface Walk {
  readonly at: number
  readonly messages: ReadonlyArray<number>
}

/** What message number i does: it counts at `from`, leads to `to`, and these are sent, which are all later ones. */
interface Letter {
  readonly from: number
  readonly to: number
  readonly sends: ReadonlyArray<number>
}

const PLACES = 5

const letters: fc.Arbitrary<ReadonlyArray<Letter>> = fc.integer({ min: 1, max: 9 }).chain((count) =>
  fc.tuple(
    ...Array.from({ length: count }, (_, i) =>
      fc.record({
        from: fc.nat({ max: PLACES - 1 }),
        to: fc.nat({ max: PLACES - 1 }),
        sends: fc
          .array(fc.nat({ max: 9 }), { maxLength: 3 })
          .map((some) => some.filter((n) => n > i && n < count)),
      }),
    ),
  ),
)

const inOrder = (some: ReadonlyArray<number>): ReadonlyArray<number> => some.toSorted((a, b) => a - b)

const walking = (all: ReadonlyArray<Letter>, bad: number, covers: boolean): System<Walk, number> => ({
  name: "walk",
  initial: [{ at: 0, messages: inOrder([0, 0, ...all.keys()].filter((n) => n % 3 === 0)) }],
  actions: ({ at, messages }) => [...new Set(messages)].filter((n) => all[n]?.from === at),
  apply: ({ messages }, n) => {
    const { sends = [], to = 0 } = all[n] ?? {}
    return { at: to, messages: inOrder([...messages.toSpliced(messages.indexOf(n), 1), ...sends]) }
  },
  fingerprint: ({ at, messages }) => (covers ? String(at) : `${at} ${messages.join()}`),
  ...(covers && { surplus: ({ messages }: Walk) => messages }),
  invariants: [{ name: "Never", broken: ({ at }) => (at === bad ? "there" : undefined) }],
  witnesses: Array.from({ length: PLACES }, (_, place) => ({
    name: `at ${place}`,
    seen: ({ at }: Walk) => at === place,
  })),
  goals: [],
  describe: String,
  show: ({ at }) => [String(at)],
})

test("states that others cover are left out, and nothing is missed: neither a place, nor the shortest way to it", () => {
  let fewer = 0
  fc.assert(
    fc.property(letters, fc.integer({ min: 1, max: PLACES }), (all, bad) => {
      const [plain, covered] = [explored(walking(all, bad, false)), explored(walking(all, bad, true))]
      const lengths = (report: typeof plain) => report.findings.map(({ way }) => way.length)
      expect(lengths(covered)).toEqual(lengths(plain))
      // A search that ends at a finding may have seen less of what is as far away.
      const seen = (report: typeof plain) => (plain.findings.length === 0 ? report.unseen : [])
      expect(seen(covered)).toEqual(seen(plain))
      if (covered.distinct < plain.distinct) fewer++
    }),
  )
  expect(fewer).toBeGreaterThan(0)
})

test("who has less of something, or lacks a single one, is no cover", () => {
  const surpluses: ReadonlyArray<ReadonlyArray<number>> = [
    [1, 1, 1, 33, 97],
    [1, 1, 33],
    [1, 33, 33],
    [1, 1, 65],
    [1, 1],
    [1, 97],
  ]
  const system: System<number, number> = {
    name: "bags",
    initial: surpluses.map((_, i) => i),
    actions: () => [],
    apply: (state) => state,
    fingerprint: () => "",
    surplus: (state) => surpluses[state] ?? [],
    invariants: [],
    witnesses: surpluses.map((_, i) => ({ name: String(i), seen: (state: number) => state === i })),
    goals: [],
    describe: String,
    show: () => [],
  }
  expect(explored(system).unseen).toEqual(["1", "4", "5"])
})

test("goals are not judged where states cover one another", () => {
  const goals = [{ name: "End", reached: () => true, fair: () => true }]
  expect(() => explored({ ...walking([], 1, true), goals })).toThrow(RangeError)
})
