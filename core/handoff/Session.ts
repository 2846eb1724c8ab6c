import type { Difference } from "./Reply.ts"
import { countBefore, emptySubstream, includes, lastBefore, type Substream } from "./Substream.ts"

/**
 * What a peer knows of one client's session: what the journal holds of it, and how far its own service instances have
 * got with it.
 *
 * Invariant: what the instance of birth `applied.birth` has seen of the client is exactly its entries up to
 * `applied.last`, unless the session is tainted or diverged on that birth, or a request of it runs or is journaled but
 * not committed (then its lane says so). Only committed entries are ever replayed.
 */
export interface Session {
  /** All in the log since it was last expired, committed or not. */
  readonly entries: Substream
  /** Of their requests and responses together. */
  readonly bytes: number
  /** When it was last used, in ms since 1970, as far as known here; 0 never. */
  readonly at: number
  /** How far an instance has got; null: none is known to have seen the client. */
  readonly applied: Applied | null
  /** Birth of an instance that has seen a request which the journal may lack; 0 none. It never serves this session. */
  readonly tainted: number
  /** The last replay that differed; null none. */
  readonly diverged: Divergence | null
  /** Served no more until it is reset. */
  readonly fenced: Fence | null
  /** Instances that died, one after another, while this session was replayed on them. */
  readonly deaths: number
  /** Whether its instance lacks committed entries of it, though it could have them (kept by Sessions.ts). */
  readonly behind: boolean
  /** Whether it is in its cell's backlog: nearly always known here without looking there (kept by Sessions.ts). */
  readonly backlogged: boolean
}

export interface Applied {
  readonly birth: number
  /** Index in the log of the last entry applied; -1 none. */
  readonly last: number
}

export interface Divergence {
  readonly birth: number
  /** On how many births a replay has differed, in a row. */
  readonly births: number
  /** Index in the log. */
  readonly entry: number
  readonly difference: Difference
}

export interface Fence {
  readonly entry: number
  readonly difference: Difference
}

export const newSession: Session = {
  entries: emptySubstream,
  bytes: 0,
  at: 0,
  applied: null,
  tainted: 0,
  diverged: null,
  fenced: null,
  deaths: 0,
  behind: false,
  backlogged: false,
}

/** How long a session has not been used before the backups that are not near to it apply what they lack, in ms. */
export const QUIET_MS = 2_000

/** From when on it is quiet, in ms since 1970. */
export const quietFrom = ({ at }: Session): number => at + QUIET_MS

/** Whether its client has paused for so long. A time that lies ahead is that of a clock which was set back since: it has. */
export const hasPaused = ({ at }: Session, nowMs: number, ms = QUIET_MS): boolean =>
  nowMs >= at + ms || at > nowMs + ms

/**
 * Where in the log the instance of that birth is to go on, and whether it must see the client as a new one: it has not
 * seen it yet, it is to forget a tainted past, or what it has applied was expired since.
 */
export const resumeAt = (
  session: Session,
  birth: number,
): { readonly from: number; readonly fresh: boolean } => {
  const { applied, entries, tainted } = session
  if (applied?.birth !== birth || tainted === birth) return { from: 0, fresh: true }
  if (applied.last >= 0 && !includes(entries, applied.last)) return { from: 0, fresh: true }
  return { from: applied.last + 1, fresh: false }
}

/** Whether the instance of that birth, null for none, is to see the client as a new one. */
export const isUnseen = (session: Session, birth: number | null): boolean =>
  birth === null || resumeAt(session, birth).fresh

/** Whether the instance of that birth has seen what is expired now. */
export const isStale = ({ applied, entries }: Session, birth: number): boolean =>
  applied?.birth === birth && applied.last >= 0 && !includes(entries, applied.last)

/** Whether the log has entries of it before `commit` that the instance of that birth has not applied. */
export const lacks = (session: Session, birth: number, commit: number): boolean => {
  const last = lastBefore(session.entries, commit)
  return last >= 0 && last >= resumeAt(session, birth).from
}

/** How many entries a session may lack and still be brought up to date in no time, in which others hardly notice it. */
export const FEW = 16

/** Whether the instance of that birth, null for none, has much of it still to apply before `commit`. */
export const lacksMuch = (session: Session, birth: number | null, commit: number): boolean => {
  const from = birth === null ? 0 : resumeAt(session, birth).from
  return countBefore(session.entries, commit) - countBefore(session.entries, from) > FEW
}

/** Whether a warm standby still has to work on it. */
export const isBehind = (session: Session, birth: number | null, commit: number): boolean => {
  if (session.fenced !== null) return false
  if (birth === null) return lastBefore(session.entries, commit) >= 0
  return session.diverged?.birth !== birth && lacks(session, birth, commit)
}

/** Whether nothing would be lost by forgetting it. */
export const isBlank = ({ applied, diverged, entries, fenced, tainted }: Session): boolean =>
  entries.length === 0 && applied === null && tainted === 0 && diverged === null && fenced === null
