import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import { decodeEntry } from "../codec/EntryCodec.ts"
import type { Turn } from "../peer/Turn.ts"
import type { Entry, RequestEntry } from "../replication/Entry.ts"
import { itemAt } from "../replication/Log.ts"
import { propose } from "../replication/Leader.ts"
import type { CellIndex } from "./Handoff.ts"
import type { Waiting } from "./Lane.ts"
import { cellOf, change, replicaOf, sessionOf, setCell } from "./Sessions.ts"
import { add } from "./Substream.ts"

/** How what ran gets into the log, and what is in the log into the sessions' index. */

/** Appends the entry of a request that ran here; the answer waits until it is committed. Only where this peer serves. */
export const journal = (
  turn: Turn,
  cell: number,
  client: string,
  waiting: Waiting,
  own: { readonly birth: number; readonly epoch: number; readonly entry: RequestEntry },
): void => {
  const item = appendEntry(turn, cell, own.entry)
  change(turn, cell, client, {
    lane: {
      activity:
        item === undefined ? { type: "ran", waiting, ...own } : { type: "proposed", waiting, own, ...item },
    },
  })
}

/** Appends the end of a session. */
export const journalEnd = (turn: Turn, cell: number, client: string, waiting: Waiting): void => {
  const entry: Entry = { type: "expire", client, at: timeOf(turn, cell) }
  const item = appendEntry(turn, cell, entry)
  if (item === undefined) return
  change(turn, cell, client, { lane: { activity: { type: "expiring", waiting, index: item.index } } })
}

/**
 * When an entry of the cell is made now, in ms since 1970: by the wall clock, but never earlier than the one before
 * it. So a clock that is set back makes sessions last longer, and none shorter.
 */
export const timeOf = (turn: Turn, cell: number): number =>
  Math.max(Math.trunc(turn.state.nowMs), cellOf(turn, cell).index.latest)

const appendEntry = (turn: Turn, cell: number, entry: Entry) => {
  const index = replicaOf(turn, cell)?.log.length ?? 0
  propose(turn, cell, [entry])
  const replica = replicaOf(turn, cell)
  const item = replica === null ? undefined : itemAt(replica.log, index)
  if (item === undefined) return undefined
  catchUp(turn, cell)
  return { index, digest: item.digest }
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

/** @param entry null where its bytes are gone */
const indexItem = (turn: Turn, cell: number, index: number, entry: Entry | null): void => {
  const before = cellOf(turn, cell)
  setCell(turn, cell, { ...before, index: withItem(before.index, index, entry) })
  if (entry?.type !== "request") return
  const { client } = entry
  const { entries, bytes, at } = sessionOf(before, client)
  change(turn, cell, client, {
    session: {
      entries: add(entries, entry.id, index),
      bytes: bytes + entry.request.length + entry.response.length,
      at: Math.max(at, entry.at),
    },
  })
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
