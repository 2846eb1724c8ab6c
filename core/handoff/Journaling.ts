import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import { decodeEntry } from "../codec/EntryCodec.ts"
import type { Turn } from "../peer/Turn.ts"
import type { Hash } from "../replication/Durable.ts"
import type { Entry, RequestEntry } from "../replication/Entry.ts"
import { itemAt } from "../replication/Log.ts"
import { propose } from "../replication/Leader.ts"
import type { CellIndex } from "./Handoff.ts"
import type { Activity, Lane, Waiting } from "./Lane.ts"
import type { Session } from "./Session.ts"
import { cellOf, change, replicaOf, sessionOf, setCell } from "./Sessions.ts"
import { add } from "./Substream.ts"

/** How what ran gets into the log, and what is in the log into the sessions' index. */

/** Appends the entry of a request that ran here; the answer waits until it is committed. Only where this peer serves. */
export const journal = (
  turn: Turn,
  cell: number,
  waiting: Waiting,
  own: { readonly birth: number; readonly epoch: number; readonly entry: RequestEntry },
): void => {
  appendEntry(turn, cell, own.entry, (index, digest) => ({ type: "proposed", index, digest, waiting, own }))
}

/** Appends the end of a session. */
export const journalEnd = (turn: Turn, cell: number, client: string, waiting: Waiting): void => {
  const entry: Entry = { type: "expire", client, at: timeOf(turn, cell) }
  appendEntry(turn, cell, entry, (index) => ({ type: "expiring", waiting, index }))
}

/**
 * When an entry of the cell is made now, in ms since 1970: by the wall clock, but never earlier than the one before
 * it. So a clock that is set back makes sessions last longer, and none shorter.
 */
export const timeOf = (turn: Turn, cell: number): number =>
  Math.max(Math.trunc(turn.state.nowMs), cellOf(turn, cell).index.latest)

/** The entry is indexed as it is, not read back from the log that the index is up with already. */
const appendEntry = (
  turn: Turn,
  cell: number,
  entry: Entry,
  activity: (index: number, digest: Hash) => Activity,
): void => {
  catchUp(turn, cell)
  const index = cellOf(turn, cell).index.length
  for (const { digest } of propose(turn, cell, [entry])) {
    indexItem(turn, cell, index, entry, { activity: activity(index, digest) })
  }
}

/** Brings the index up to the end of the log. */
export const catchUp = (turn: Turn, cell: number): void => {
  const replica = replicaOf(turn, cell)
  if (replica === null) return
  const { length } = replica.log
  for (let index = cellOf(turn, cell).index.length; index < length; index++) {
    const bytes = itemAt(replica.log, index)?.bytes ?? null
    const entry = bytes === null ? null : decodeEntry(bytes)
    indexItem(turn, cell, index, entry === null || entry.type === "Problem" ? null : entry)
  }
}

/**
 * @param entry null where its bytes are gone
 * @param lane what becomes of its client's lane besides
 */
const indexItem = (
  turn: Turn,
  cell: number,
  index: number,
  entry: Entry | null,
  lane?: Partial<Lane>,
): void => {
  const before = cellOf(turn, cell)
  const now = { ...before, index: withItem(before.index, index, entry) }
  if (entry === null) return setCell(turn, cell, now)
  change(
    turn,
    cell,
    entry.client,
    { session: grown(sessionOf(before, entry.client), index, entry), lane },
    now,
  )
}

/** What an entry adds to its client's session; the end of one counts only once it is committed. */
const grown = ({ entries, bytes, at }: Session, index: number, entry: Entry): Partial<Session> | undefined =>
  entry.type === "expire"
    ? undefined
    : {
        entries: add(entries, entry.id, index),
        bytes: bytes + entry.request.length + entry.response.length,
        at: Math.max(at, entry.at),
      }

const withItem = (before: CellIndex, index: number, entry: Entry | null): CellIndex => {
  const here = before.length - before.start
  // Another version has gone on already, or this is the one that all begin with.
  const isNewest = here > 0 && before.owners.length === here
  const owners = isNewest ? before.owners : before.owners.slice(0, here)
  owners.push(entry?.client ?? "")
  return {
    start: before.start,
    owners,
    length: index + 1,
    expiring: entry?.type === "expire" ? HashMap.set(before.expiring, index, entry.at) : before.expiring,
    latest: Math.max(before.latest, entry?.at ?? 0),
  }
}

/** Whose the item at `index` of the log is; "" where its bytes are gone. */
export const ownerOf = ({ start, owners, length }: CellIndex, index: number): string =>
  index < length ? (owners[index - start] ?? "") : ""

/** The journaled answer at `index` of the log; undefined where its bytes are gone. */
export const answerAt = (turn: Turn, cell: number, index: number): Uint8Array | undefined => {
  const replica = replicaOf(turn, cell)
  const bytes = replica === null ? null : (itemAt(replica.log, index)?.bytes ?? null)
  const entry = bytes === null ? null : decodeEntry(bytes)
  return entry?.type === "request" ? entry.response : undefined
}

export const endAt = ({ expiring }: CellIndex, index: number): number | undefined =>
  HashMap.isEmpty(expiring) ? undefined : Option.getOrUndefined(HashMap.get(expiring, index))
