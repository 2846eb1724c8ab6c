import type { Contact } from "../peer/Contact.ts"
import type { Ballot } from "./Ballot.ts"
import type { CellRecord, LogMark, Proposal } from "./Durable.ts"
import type { Log } from "./Log.ts"
import type { View } from "./View.ts"

/** What this peer knows of one cell that it replicates, or did. */
export interface Replica {
  /** All that is durable but for the log; its writes may still be on their way to the disk. */
  readonly record: CellRecord
  readonly log: Log
  /** Length of the log that is known to be committed; at least `record.base.length`. */
  readonly commit: number
  /** Counts how often items that the log once had were cut off or replaced: whoever read them must read again. */
  readonly rewrites: number
  /** While this peer is the leader of `record.view` and not sealed; null otherwise. */
  readonly leading: Leading | null
  /** The view change that this peer proposes; null if none. */
  readonly proposing: Proposing | null
  /** Whether the store has, or is about to have, a record: not so for a view of genesis in which nothing happened. */
  readonly kept: boolean
  /** What was found here cannot be: the peer takes no further part in the cell. */
  readonly corrupt: boolean
  /** Highest counter of a ballot heard of in this epoch. */
  readonly counter: number
  /** The tick at which the ballot was last raised, for as long as the replica is sealed. */
  readonly sealedAt: number
  /** The tick at which the epoch's leader was last heard. */
  readonly heardAt: number
  /** The view was installed here, and its leader has not spoken yet: it may not know of it. */
  readonly unheard: boolean
  /** The tick at which this leader, which a member told that it is sealed, proposes the next view; null if none did. */
  readonly dueAt: number | null
}

/** What a leader knows besides; volatile. */
export interface Leading {
  /** A majority of the view has acknowledged the log that it began with: it may serve. */
  readonly active: boolean
  /** A planned move is due: begin nothing new, so that what runs can end. */
  readonly draining: boolean
  /** startLen, the log's length when this leader was installed or started. */
  readonly startLength: number
  /** Length of the log that is durable here; -1 while not even the record is. */
  readonly stored: number
  /** Lengths that become durable with these `persist` commands, in order. */
  readonly flushing: ReadonlyArray<{ readonly number: number; readonly length: number }>
  /** One for each member of the view, in its order; that of the leader itself, the first, means nothing. */
  readonly members: ReadonlyArray<Progress>
  /** The round that was begun for a read and no majority has acknowledged yet; null if none. */
  readonly reading: number | null
  /** A later read waits for a round of its own. */
  readonly readAgain: boolean
  /** Highest round that a majority has acknowledged. */
  readonly confirmed: number
  /** Members of the epoch before that are none of this view's: to be retired. */
  readonly old: View
  /** What peers that are to become members have fetched so far, by id and incarnation. */
  readonly learned: ReadonlyMap<string, LogMark>
  /** The tick since which the present move is due, and since which the cell drains; null if not. */
  readonly moveSince: number | null
  readonly drainSince: number | null
}

/** How far a member has come, as its leader knows. */
export interface Progress {
  /** Length it holds durably; -1 before its first acknowledgement. */
  readonly acked: number
  /** What is sent next begins here. */
  readonly next: number
  /** The commit that it was last told. */
  readonly told: number
  /** Highest round of this boot that it acknowledged. */
  readonly round: number
  /** Its standby has applied what it knows. */
  readonly warm: boolean
  /** Where its log last ended short of what it was sent; -1 if it never did. */
  readonly refused: number
  /** The tick at which items were last sent, or acknowledged. */
  readonly sentAt: number
}

/** A view change in the hands of its proposer. */
export interface Proposing {
  readonly ballot: Ballot
  /** By member's id. */
  readonly promises: ReadonlyMap<string, Promised>
  /** What was chosen once a majority had promised; null before. */
  readonly proposal: Proposal | null
  /** Ids of the members that accepted it. */
  readonly accepted: ReadonlySet<string>
  /** The tick at which it was last said. */
  readonly sentAt: number
}

export interface Promised {
  readonly member: Contact
  readonly accepted: CellRecord["accepted"]
  readonly log: LogMark
  readonly leaving: boolean
}

/** A replica as it is when nothing is known but what is durable. */
export const replicaOf = (record: CellRecord, log: Log, kept = true): Replica => ({
  record,
  log,
  commit: record.role === "tombstone" ? 0 : Math.max(record.base.length, log.start.length),
  rewrites: 0,
  leading: null,
  proposing: null,
  kept,
  corrupt: false,
  counter: record.ballot?.counter ?? 0,
  sealedAt: 0,
  heardAt: 0,
  unheard: false,
  dueAt: null,
})

/** The latest epoch whose view this replica knows. */
export const epochKnown = ({ record }: Replica): number =>
  record.role === "former" ? record.epoch + 1 : record.epoch

/** The latest view that this replica knows. */
export const viewKnown = ({ record }: Replica): View =>
  record.role === "former" && record.next !== null ? record.next.members : record.view

/** A leader at its beginning, whose log has `length` items of which `stored` are durable. */
export const leadingOf = (view: View, length: number, stored: number, old: View = []): Leading => ({
  active: view.length === 1 && stored >= length,
  draining: false,
  startLength: length,
  stored,
  flushing: [],
  members: view.map(() => ({
    acked: -1,
    next: length,
    told: -1,
    round: 0,
    warm: false,
    refused: -1,
    sentAt: 0,
  })),
  reading: null,
  readAgain: false,
  confirmed: 0,
  old,
  learned: new Map(),
  moveSince: null,
  drainSince: null,
})
