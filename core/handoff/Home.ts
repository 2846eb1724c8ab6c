import type { Handoff } from "./Handoff.ts"
import type { Session } from "./Session.ts"

/**
 * On which of a peer's instances a session goes on. A fresh instance takes nothing away from the one before it: each
 * session stays where it is up to date, and only those that are tainted there, or diverged, go to the newest at once. The
 * others follow when their clients pause. So what befalls one session costs no other a replay.
 */

/**
 * Most births before the newest that are used: each is a whole process of the service. Beyond that, what the least used of
 * them has is replayed on the newest.
 */
export const MOST_EARLIER = 3

type Births = Pick<Handoff, "birth" | "earlier">

/** The birth that the session's next request runs on, or what it lacks is replayed on; null: none is ready. */
export const homeOf = ({ birth, earlier }: Births, session: Session): number | null => {
  const { applied, diverged, tainted } = session
  if (applied === null || applied.birth === birth || !earlier.includes(applied.birth)) return birth
  const isUnfit = tainted === applied.birth || diverged?.birth === applied.birth
  return isUnfit ? birth : applied.birth
}

/** Whether an instance of that birth may still serve a session. */
export const isUsed = ({ birth, earlier }: Births, one: number): boolean =>
  one === birth || earlier.includes(one)
