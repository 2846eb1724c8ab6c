import { Ledger, type Limits } from "./Ledger.ts"
import type { Report } from "./Report.ts"
import { Slice } from "./Slice.ts"
import type { System } from "./System.ts"

/** How far a search has come. */
export interface Progress {
  readonly distinct: number
  readonly transitions: number
  readonly depth: number
}

/** States between two looks at the progress: some ten milliseconds. */
export const STRIDE = 1024

/**
 * Explores everything that can be reached, breadth first. It stands still at every `yield`, some milliseconds of work
 * after the last, and ends with what it found.
 *
 * @example
 * const report = explored(system)
 * if (verdictOf(report) !== "holds") console.log(retell(system, report.findings[0].way).join("\n"))
 */
export const explore = function* <S, A>(
  system: System<S, A>,
  limits: Limits = {},
): Generator<Progress, Report, void> {
  const ledger = new Ledger(system, limits)
  yield* advance(new Slice(system), ledger)
  return ledger.report()
}

/**
 * Goes on from level to level: to the end, or until the next level has `enough` states.
 *
 * @returns the states of the next level; 0 at the end.
 */
export const advance = function* <S, A>(
  slice: Slice<S, A>,
  ledger: Ledger,
  enough = Infinity,
): Generator<Progress, number, void> {
  ledger.note(slice.keep(ledger.begin(slice.begin())), 0)
  for (;;) {
    const size = slice.turn()
    if (!ledger.turn(size)) return 0
    if (size >= enough) return size
    while (slice.left > 0 && !ledger.isOver) {
      const before = ledger.distinct
      const isNew = ledger.merge(slice.expand(STRIDE))
      ledger.note(slice.keep(isNew), before)
      yield { distinct: ledger.distinct, transitions: ledger.transitions, depth: ledger.depth }
    }
  }
}

/** Explores at one go. */
export const explored = <S, A>(system: System<S, A>, limits: Limits = {}): Report => {
  const search = explore(system, limits)
  for (;;) {
    const { done, value } = search.next()
    if (done === true) return value
  }
}
