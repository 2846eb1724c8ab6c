/**
 * When the next tick is due, in ms on the clock of `now`: an interval after the last one was, however late that came, so that
 * silence is measured by the clock and not by how busy this process is. After one that came an interval late, or more,
 * time is counted anew: what was missed is not made up for.
 *
 * @param last when the last tick was due; null before the first
 */
export const nextDue = (last: number | null, now: number, afterMs: number): number =>
  last !== null && last + afterMs > now ? last + afterMs : now + afterMs
