import * as HashMap from "effect/HashMap"
import { decodeEntry } from "../codec/EntryCodec.ts"
import type { Turn } from "../peer/Turn.ts"
import { itemAt } from "../replication/Log.ts"
import type { Replica } from "../replication/Replica.ts"
import { taint } from "./Births.ts"
import { newCellSessions } from "./Handoff.ts"
import { isStale, newSession, type Session } from "./Session.ts"
import { cellOf, committedOf, journalOf, replicaOf, sessionOf, setCell, settleCell } from "./Sessions.ts"
import { add, emptySubstream, includes, indicesIn } from "./Substream.ts"

/**
 * Reads the whole log of a cell anew: at the start, and when items that it once had were replaced. What the instance has
 * seen of the sessions stays as it is, for that was committed.
 *
 * @returns where the entries of ended sessions are whose bytes are still there
 */
export const reindex = (turn: Turn, cell: number, replica: Replica): ReadonlyArray<number> => {
  const before = cellOf(turn, cell)
  const { log } = replica
  const commit = committedOf(replica)
  const sessions = new Map<string, Session>()
  for (const [client, session] of HashMap.entries(before.sessions)) {
    sessions.set(client, { ...session, entries: emptySubstream, bytes: 0 })
  }
  const owners: Array<string> = []
  const gone: Array<number> = []
  let expiring = HashMap.empty<number, number>()
  let latest = 0
  for (let index = log.start.length; index < log.length; index++) {
    const bytes = itemAt(log, index)?.bytes ?? null
    const entry = bytes === null ? null : decodeEntry(bytes)
    if (entry === null || entry.type === "Problem") {
      owners.push("")
      continue
    }
    const { at, client } = entry
    owners.push(client)
    latest = Math.max(latest, at)
    const session = sessions.get(client) ?? newSession
    if (entry.type === "request") {
      const size = entry.request.length + entry.response.length
      const entries = add(session.entries, entry.id, index)
      sessions.set(client, {
        ...session,
        entries,
        bytes: session.bytes + size,
        at: Math.max(session.at, at),
      })
    } else if (index < commit) {
      gone.push(...indicesIn(session.entries, 0, index))
      sessions.set(client, { ...session, entries: emptySubstream, bytes: 0 })
    } else {
      expiring = HashMap.set(expiring, index, at)
    }
  }
  for (const [client, session] of sessions) sessions.set(client, withoutEnded(session))
  setCell(turn, cell, {
    ...before,
    sessions: HashMap.fromIterable(sessions),
    index: { start: log.start.length, owners, length: log.length, expiring, latest },
    sweep: newCellSessions.sweep,
  })
  settleCell(turn, cell)
  for (const client of sessions.keys()) taintEnded(turn, cell, client)
  return gone
}

/** What was found in entries that are gone says nothing of the session that its client has now. */
const withoutEnded = (session: Session): Session => {
  const { diverged, entries, fenced } = session
  const isOver = (found: { readonly entry: number } | null): boolean =>
    found !== null && !includes(entries, found.entry)
  if (!isOver(diverged) && !isOver(fenced)) return session
  return {
    ...session,
    diverged: isOver(diverged) ? null : diverged,
    fenced: isOver(fenced) ? null : fenced,
    deaths: 0,
  }
}

/**
 * A session that its instance has seen ended unnoticed here, perhaps together with the entry that said so. Was it used
 * too lately to have been idle, then it was reset, and the instance must not serve it again (Expiry.ts, end). Where this
 * peer has no log of the cell any more nothing is known to have ended: that is looked at when it has one again.
 */
export const taintEnded = (turn: Turn, cell: number, client: string): void => {
  const replica = replicaOf(turn, cell)
  if (replica === null || replica.record.role === "tombstone") return
  const session = sessionOf(cellOf(turn, cell), client)
  const birth = session.applied?.birth
  if (birth === undefined || session.tainted === birth || !isStale(session, birth)) return
  if (turn.state.nowMs - session.at < journalOf(turn).idleMs) taint(turn, cell, client, birth)
}

/**
 * Forgets a cell's log. What the instance has seen of its sessions stays known: should the cell come back, the instance
 * must not be shown the same again.
 */
export const retain = (turn: Turn, cell: number): void => {
  const before = cellOf(turn, cell)
  const sessions = HashMap.map(before.sessions, (session): Session => ({
    ...session,
    entries: emptySubstream,
    bytes: 0,
  }))
  const { lanes, waiting, running, confirming, behind, backlog, backlogged } = before
  const live = { lanes, waiting, running, confirming, behind, backlog, backlogged }
  setCell(turn, cell, { ...newCellSessions, ...live, sessions })
  settleCell(turn, cell)
  const after = cellOf(turn, cell)
  if (HashMap.isEmpty(after.sessions) && HashMap.isEmpty(after.lanes)) setCell(turn, cell, null)
}
