import * as HashMap from "effect/HashMap"
import { decodeEntry } from "../codec/EntryCodec.ts"
import type { Turn } from "../peer/Turn.ts"
import { expireItems } from "../replication/Growth.ts"
import { itemAt } from "../replication/Log.ts"
import { respond } from "./Answers.ts"
import { taint } from "./Births.ts"
import type { CellIndex } from "./Handoff.ts"
import { journalEnd, ownerOf } from "./Journaling.ts"
import type { Waiting } from "./Lane.ts"
import {
  cellOf,
  change,
  committedOf,
  isServing,
  journalOf,
  laneOf,
  replicaOf,
  sessionOf,
  setCell,
} from "./Sessions.ts"
import { dropBefore, includes, indicesIn, lastBefore } from "./Substream.ts"

/** The end of sessions: those that nobody has used for long, and those that an operator resets. */

/** Most items of a log looked at in one cell at a time, and most sessions ended. */
const MOST_LOOKED_AT = 256
const MOST_ENDED = 64

/** In how many parts of the idle time the log is searched from its start again. */
const SWEEPS = 8

/** The wall clock has been read: leaders end what was idle for too long. */
export const onClock = (turn: Turn): void => {
  for (const [cell, replica] of turn.state.replicas.entries()) {
    if (isServing(replica) && replica.leading?.draining === false && replica.log.length > 0) sweep(turn, cell)
  }
}

/**
 * Goes on through the log, whose entries are nearly in the order of their times, and ends the session of every entry
 * that is its last and too old; stops at the first that is not too old.
 */
const sweep = (turn: Turn, cell: number): void => {
  const { idleMs } = journalOf(turn)
  const { nowMs } = turn.state
  const replica = replicaOf(turn, cell)
  if (replica === null) return
  const { sweep: before } = cellOf(turn, cell)
  const isDue = nowMs - before.sinceMs > idleMs / SWEEPS || nowMs < before.sinceMs
  const sinceMs = isDue ? nowMs : before.sinceMs
  let next = Math.max(isDue ? 0 : before.next, replica.log.start.length)
  const commit = committedOf(replica)
  let ended = 0
  for (let looked = 0; looked < MOST_LOOKED_AT && ended < MOST_ENDED && next < commit; looked++) {
    const client = ownerOf(cellOf(turn, cell).index, next)
    const { entries, at } = sessionOf(cellOf(turn, cell), client)
    const isLast = client !== "" && lastBefore(entries, Number.POSITIVE_INFINITY) === next
    if (isLast && laneOf(cellOf(turn, cell), client) === undefined) {
      const bytes = itemAt(replica.log, next)?.bytes ?? null
      const entry = bytes === null ? null : decodeEntry(bytes)
      if (entry?.type === "request" && nowMs - entry.at <= idleMs) break
      // A session may be kept alive by requests that are not journaled.
      if (nowMs - at > idleMs) {
        journalEnd(turn, cell, client, { ...nobodys, since: turn.state.turns })
        ended++
      }
    }
    next++
  }
  if (next !== before.next || sinceMs !== before.sinceMs) {
    setCell(turn, cell, { ...cellOf(turn, cell), sweep: { next, sinceMs } })
  }
}

/** The end of a session that nobody asked for. */
const nobodys: Waiting = { kind: "reset", id: "", request: new Uint8Array(), tokens: [], since: 0, deaths: 0 }

/**
 * The end of a session is committed: its entries count no more.
 *
 * @returns where they are in the log
 */
export const end = (
  turn: Turn,
  cell: number,
  client: string,
  index: number,
  at: number,
): ReadonlyArray<number> => {
  const before = cellOf(turn, cell)
  const session = sessionOf(before, client)
  const gone = indicesIn(session.entries, 0, index)
  setCell(turn, cell, {
    ...before,
    index: { ...before.index, expiring: HashMap.remove(before.index.expiring, index) },
  })
  const entries = dropBefore(session.entries, index)
  const { activity } = laneOf(before, client) ?? { activity: null }
  const { applied } = session
  // What is being replayed at this moment it has seen in part.
  const hasSeen = applied !== null && (applied.last >= 0 || activity?.type === "replay")
  change(turn, cell, client, {
    session: {
      entries,
      bytes: entries.length === 0 ? 0 : bytesOf(turn, cell, indicesIn(entries, 0, before.index.length)),
      diverged: null,
      fenced: null,
      deaths: 0,
    },
  })
  // Reset by somebody who wants it gone: cookies that are forgotten are not enough then. Of a session that was idle for so
  // long they are: or every client that comes back would need a fresh instance.
  const isReset = at - session.at < journalOf(turn).idleMs
  if (isReset && hasSeen) taint(turn, cell, client, applied.birth)
  if (activity?.type === "expiring" && activity.index === index) {
    respond(turn, activity.waiting.tokens, { type: "response", response: new Uint8Array(), entry: index })
    change(turn, cell, client, { lane: { activity: null } })
  }
  return gone
}

const bytesOf = (turn: Turn, cell: number, indices: ReadonlyArray<number>): number => {
  const replica = replicaOf(turn, cell)
  let sum = 0
  for (const index of indices) {
    const bytes = replica === null ? null : (itemAt(replica.log, index)?.bytes ?? null)
    const entry = bytes === null ? null : decodeEntry(bytes)
    if (entry?.type === "request") sum += entry.request.length + entry.response.length
  }
  return sum
}

/** Takes the bytes of ended sessions' entries out of the log, and what lies before all that is left. */
export const shrink = (turn: Turn, cell: number, gone: ReadonlyArray<number>): void => {
  const replica = replicaOf(turn, cell)
  if (replica === null || gone.length === 0) return
  const { start } = replica.log
  const live = firstLive(turn, cell, start.length, committedOf(replica))
  // The entry that ends a session keeps its bytes for as long as anybody might be sent it who still has the session.
  const heeded = new Set(gone)
  for (let index = start.length; index < live; index++) heeded.add(index)
  expireItems(turn, cell, [...heeded])
  const from = replicaOf(turn, cell)?.log.start.length ?? 0
  if (from === start.length) return
  const sessions = cellOf(turn, cell)
  setCell(turn, cell, { ...sessions, index: trimmed(sessions.index, from) })
}

/** The first committed item that is neither of a session that has ended nor the end of one. */
const firstLive = (turn: Turn, cell: number, from: number, commit: number): number => {
  const sessions = cellOf(turn, cell)
  let index = from
  while (index < commit && !includes(sessionOf(sessions, ownerOf(sessions.index, index)).entries, index)) {
    index++
  }
  return index
}

const trimmed = (index: CellIndex, start: number): CellIndex => ({
  ...index,
  start,
  owners: index.owners.slice(start - index.start, index.length - index.start),
})
