import fc from "fast-check"
import { expect, test } from "vitest"
import { advance, explored, STRIDE } from "./Explore.ts"
import { Ledger, type Limits } from "./Ledger.ts"
import type { Report } from "./Report.ts"
import { Shares } from "./Shares.ts"
import { Slice } from "./Slice.ts"
import type { System } from "./System.ts"

/** What several threads do, in one. */
const together = <S, A>(system: System<S, A>, limits: Limits, slices: number, enough: number): Report => {
  const begun = (ledger: Ledger): readonly [Slice<S, A>, number] => {
    const slice = new Slice(system)
    const search = advance(slice, ledger, enough)
    for (;;) {
      const { done, value } = search.next()
      if (done === true) return [slice, value]
    }
  }
  const ledger = new Ledger(system, limits)
  const [, size] = begun(ledger)
  if (size === 0) return ledger.report()
  const crew = Array.from({ length: slices }, (_, share) => {
    const [slice] = begun(new Ledger(system, limits))
    slice.share(share, slices)
    return slice
  })
  const shares = new Shares(slices, size)
  do {
    for (
      let stride = shares.take(STRIDE);
      stride !== undefined && !ledger.isOver;
      stride = shares.take(STRIDE)
    ) {
      const { counts } = stride
      const before = ledger.distinct
      const parts = stride.split(
        ledger.merge(stride.join(crew.map((slice, i) => slice.expand(counts[i] ?? 0)))),
      )
      const findings = crew.map((slice, i) => slice.keep(parts[i] as Uint8Array))
      ledger.note(stride.gather(findings), before)
    }
    for (const slice of crew) slice.turn()
  } while (ledger.turn(shares.turn()))
  return ledger.report()
}

/** Numbers below `size`, each of which leads to some others; where they cover one another, by their lowest bits. */
const numbers = (size: number, seed: number, bad: number, covers: boolean): System<number, number> => ({
  name: "numbers",
  initial: [0, 1 % size],
  actions: (state) => Array.from({ length: 1 + ((state * 7 + seed) % 4) }, (_, i) => i),
  apply: (state, action) => (Math.imul(state + 1 + action, 40_503 + seed * (action + 1)) >>> 0) % size,
  fingerprint: (state) => String(covers ? state >> 3 : state),
  ...(covers && { surplus: (state: number) => [0, 1, 2].filter((bit) => (state & (1 << bit)) !== 0) }),
  invariants: [
    { name: "Never", broken: (state) => (state === bad ? "there" : undefined) },
    { name: "NorNext", broken: (state) => (state === bad + 1 ? "there too" : undefined) },
  ],
  witnesses: [{ name: "small", seen: (state) => state > 0 && state < 3 }],
  goals: covers ? [] : [{ name: "End", reached: (state) => state === bad + 2, fair: (action) => action < 3 }],
  describe: String,
  show: (state) => [String(state)],
})

test("a search that is shared ends as it ends alone: the same states, the same findings by the same ways", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6_000 }),
      fc.nat({ max: 50 }),
      fc.nat({ max: 6_000 }),
      fc.constantFrom<Limits>({}, { stopAt: "all" }, { states: 2_500 }, { depth: 9 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(1, 20, 700),
      fc.boolean(),
      (size, seed, bad, limits, slices, enough, covers) => {
        const system = numbers(size, seed, bad, covers)
        expect(together(system, limits, slices, enough)).toEqual(explored(system, limits))
      },
    ),
    { numRuns: 40 },
  )
})
