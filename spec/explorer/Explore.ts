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

/** States between two looks at whether the search is over: some ten milliseconds. */
export const STRIDE = 1_024

/** States expanded at a time: what they lead to and is not new is soon forgotten, and so costs the least. */
const BITE = 64

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
      for (let done = 0; done < STRIDE && slice.left > 0; done += BITE) {
        const before = ledger.distinct
        const isNew = ledger.merge(slice.expand(BITE))
        ledger.note(slice.keep(isNew), before)
      }
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
