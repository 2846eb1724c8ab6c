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
const STRIDE = 1024

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
  const slice = new Slice(system)
  ledger.note(slice.keep(ledger.begin(slice.begin())), 0)
  while (ledger.turn(slice.turn())) {
    for (
      let batch = slice.expand(STRIDE);
      batch !== undefined && !ledger.isOver;
      batch = slice.expand(STRIDE)
    ) {
      const before = ledger.distinct
      const isNew = ledger.merge(batch)
      ledger.note(slice.keep(isNew), before)
      yield { distinct: ledger.distinct, transitions: ledger.transitions, depth: ledger.depth }
    }
  }
  return ledger.report()
}

/** Explores at one go. */
export const explored = <S, A>(system: System<S, A>, limits: Limits = {}): Report => {
  const search = explore(system, limits)
  for (;;) {
    const { done, value } = search.next()
    if (done === true) return value
  }
}
