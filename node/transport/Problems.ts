import { oneLine } from "../log/OneLine.ts"

/** Lines of one kind that are let through in a minute. */
const LINES_PER_MINUTE = 5
const MINUTE_MS = 60_000

/**
 * Lets problems through to the operator, but only a few of a kind in a minute, so that whoever makes them cannot fill
 * the log; how many were left out is said with the next one.
 */
export class Problems {
  private readonly tell: (text: string) => void
  private readonly now: () => number
  private readonly kinds = new Map<string, { since: number; said: number; leftOut: number }>()

  /** @param now milliseconds on a clock that only goes forward */
  constructor(tell: (text: string) => void, now: () => number = () => performance.now()) {
    this.tell = tell
    this.now = now
  }

  /** @param kind one of a few fixed words; each has its own count */
  report(kind: string, text: string): void {
    const now = this.now()
    let count = this.kinds.get(kind)
    if (count === undefined || now - count.since >= MINUTE_MS) {
      count = { since: now, said: 0, leftOut: count?.leftOut ?? 0 }
      this.kinds.set(kind, count)
    }
    if (count.said === LINES_PER_MINUTE) {
      count.leftOut++
      return
    }
    count.said++
    const more = count.leftOut === 0 ? "" : ` (and ${count.leftOut} more like it, left out)`
    count.leftOut = 0
    this.tell(oneLine(text) + more)
  }
}
