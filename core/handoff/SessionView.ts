import * as HashMap from "effect/HashMap"
import type { PeerState } from "../peer/PeerState.ts"
import type { Lane } from "./Lane.ts"
import { newCellSessions } from "./Handoff.ts"
import type { Difference } from "./Reply.ts"
import { laneOf, sessionOf } from "./Sessions.ts"
import { countBefore } from "./Substream.ts"

/** A session as an operator sees it, at one peer. */
export interface SessionView {
  /** Entries in the journal since the session began, committed or not; 0: nothing is known of it. */
  readonly entries: number
  /** Of their requests and responses together. */
  readonly bytes: number
  /** When it was last used, in ms since 1970; 0 never. */
  readonly at: number
  /** How many of the entries the newest instance has applied. */
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
  const { applied, at, bytes, diverged, entries, fenced } = sessionOf(sessions, client)
  const lane = laneOf(sessions, client)
  const isOfNewest = applied !== null && applied.birth === handoff.birth
  return {
    entries: entries.length,
    bytes,
    at,
    applied: isOfNewest ? countBefore(entries, applied.last + 1) : 0,
    diverged: diverged === null ? null : { entry: diverged.entry, difference: diverged.difference },
    fenced,
    waiting: lane?.queue.length ?? 0,
    activity: lane?.activity?.type ?? null,
  }
}

/** What there is in all cells of a peer together. */
export interface SessionCounts {
  /** Sessions with entries, and those of them in cells that this peer leads. */
  readonly sessions: number
  readonly led: number
  /** Sessions with committed entries that the newest instance has not applied, though it could. */
  readonly behind: number
  /** Names of the clients whose sessions are served no more, in alphabetical order. */
  readonly fenced: ReadonlyArray<string>
}

/** Looks at every session: for who asks now and then, not for every step. */
export const counts = ({ handoff, replicas }: PeerState): SessionCounts => {
  let sessions = 0
  let led = 0
  let behind = 0
  const fenced: Array<string> = []
  for (const [cell, ofCell] of handoff.cells.entries()) {
    if (ofCell === null) continue
    behind += ofCell.behind
    for (const [client, session] of HashMap.entries(ofCell.sessions)) {
      if (session.fenced !== null) fenced.push(client)
      if (session.entries.length === 0) continue
      sessions++
      if ((replicas[cell]?.leading ?? null) !== null) led++
    }
  }
  return { sessions, led, behind, fenced: fenced.toSorted() }
}
