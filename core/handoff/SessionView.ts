import * as HashMap from "effect/HashMap"
import type { PeerState } from "../peer/PeerState.ts"
import type { Replica } from "../replication/Replica.ts"
import type { Lane } from "./Lane.ts"
import { type CellSessions, type Handoff, newCellSessions } from "./Handoff.ts"
import { homeOf } from "./Home.ts"
import type { Difference } from "./Reply.ts"
import { lacksMuch } from "./Session.ts"
import { committedOf, laneOf, sessionOf } from "./Sessions.ts"
import { countBefore } from "./Substream.ts"

/** A session as an operator sees it, at one peer. */
export interface SessionView {
  /** Entries in the journal since the session began, committed or not; 0: nothing is known of it. */
  readonly entries: number
  /** Of their requests and responses together. */
  readonly bytes: number
  /** When it was last used, in ms since 1970; 0 never. */
  readonly at: number
  /** How many of the entries its instance has applied. */
  readonly applied: number
  /** Where a replay differed, though the session is not fenced for it (yet). */
  readonly diverged: { readonly entry: number; readonly difference: Difference } | null
  /** Why it is served no more, until it is reset. */
  readonly fenced: { readonly entry: number; readonly difference: Difference } | null
  /** Requests that wait, and what the one before them is doing; null: none is under way. */
  readonly waiting: number
  readonly activity: NonNullable<Lane["activity"]>["type"] | null
}

/** What this peer knows of a client's session in the client's cell. */
export const sessionView = ({ handoff }: PeerState, cell: number, client: string): SessionView => {
  const sessions = handoff.cells[cell] ?? newCellSessions
  const session = sessionOf(sessions, client)
  const { applied, at, bytes, diverged, entries, fenced } = session
  const lane = laneOf(sessions, client)
  const isUsable = applied !== null && applied.birth === homeOf(handoff, session)
  return {
    entries: entries.length,
    bytes,
    at,
    applied: isUsable ? countBefore(entries, applied.last + 1) : 0,
    diverged: diverged === null ? null : { entry: diverged.entry, difference: diverged.difference },
    fenced,
    waiting: lane?.queue.length ?? 0,
    activity: lane?.activity?.type ?? null,
  }
}

/** What there is in all cells of which a peer is a member, together. */
export interface SessionCounts {
  /** Sessions with entries, and those of them in cells that this peer leads and may serve. */
  readonly sessions: number
  readonly led: number
  /** Sessions with committed entries that their instance has not applied, though it could. */
  readonly behind: number
  /** Those of them that lack much, in cells that this peer leads or is the next to lead: their clients would wait. */
  readonly unready: number
  /** Names of the clients whose sessions are served no more, in alphabetical order. */
  readonly fenced: ReadonlyArray<string>
}

export const counts = ({ handoff, replicas }: PeerState): SessionCounts => {
  let [sessions, led, behind, unready] = [0, 0, 0, 0]
  const fenced: Array<string> = []
  for (const [cell, held] of handoff.cells.entries()) {
    const replica = replicas[cell] ?? null
    if (held === null || replica === null || replica.record.role !== "member") continue
    const own = countIn(held)
    behind += held.behind
    if (held.behind > 0 && held.seen.near && !held.seen.hasTime) unready += unreadyIn(handoff, held, replica)
    sessions += own.sessions
    if (replica.leading?.active === true) led += own.sessions
    fenced.push(...own.fenced)
  }
  return { sessions, led, behind, unready, fenced: fenced.toSorted() }
}

/** Sessions are looked at one by one only where some of the cell's lag: with 100,000 of them that takes some 20 ms. */
const unreadyIn = (handoff: Handoff, { sessions }: CellSessions, replica: Replica): number => {
  let count = 0
  for (const session of HashMap.values(sessions)) {
    if (session.behind && lacksMuch(session, homeOf(handoff, session), committedOf(replica))) count++
  }
  return count
}

type CellCount = Pick<SessionCounts, "sessions" | "fenced">

/** A peer may have a hundred thousand sessions, and must not miss its heartbeat for a question: cells are counted anew only when they changed. */
const counted = new WeakMap<CellSessions["sessions"], CellCount>()

const countIn = ({ sessions }: CellSessions): CellCount => {
  const known = counted.get(sessions)
  if (known !== undefined) return known
  let count = 0
  const fenced: Array<string> = []
  for (const [client, session] of sessions) {
    if (session.fenced !== null) fenced.push(client)
    if (session.entries.length > 0) count++
  }
  const fresh = { sessions: count, fenced }
  counted.set(sessions, fresh)
  return fresh
}
