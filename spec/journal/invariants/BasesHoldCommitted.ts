import type { History } from "../History.ts"
import type { Claim } from "./Claim.ts"

/**
 * I3: every base contains all that was committed: a view that was decided begins with a log of the epoch before, in
 * which everything stands that was committed in epochs before its own, by then or later.
 */
export const basesHoldCommitted = (): Claim => {
  let checked = 0
  return (_, history) => {
    if (history.decided.size === checked && history.fresh === 0) return undefined
    checked = history.decided.size
    for (const epoch of history.decided.keys()) {
      const problem = missing(history, epoch)
      if (problem !== undefined) return problem
    }
    return undefined
  }
}

/** What the base of that epoch lacks. */
const missing = (history: History, epoch: number): string | undefined => {
  const base = history.decided.get(epoch)?.base
  const count = history.committedBefore(epoch)
  if (base === undefined || epoch === 0) return undefined
  if (base.length > 0 && history.headOf(epoch - 1, base.length) !== base.head) {
    return `the base of epoch ${epoch}, ${base.length} long, is no log of epoch ${epoch - 1}`
  }
  if (base.length < count) {
    return `the base of epoch ${epoch} has ${base.length} entries, and ${count} were committed before`
  }
  if (count > 0 && history.headOf(epoch - 1, count) !== history.committed[count - 1]?.head) {
    return `the base of epoch ${epoch} has another entry ${count - 1} than was committed`
  }
  return undefined
}
