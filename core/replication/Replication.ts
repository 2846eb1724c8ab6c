import type { Contact } from "../peer/Contact.ts"
import type { Suspicion } from "../membership/Detector.ts"
import type { RingId } from "../ring/RingId.ts"
import type { Ballot } from "./Ballot.ts"
import type { LogMark, Proposal } from "./Durable.ts"
import type { Log } from "./Log.ts"
import type { View } from "./View.ts"

/** What a peer knows of replication beyond single cells; volatile. */
export interface Replication {
  /** Number of the last round begun; rounds are counted over all cells. */
  readonly round: number
  /** Logs on their way to this peer, by cell. */
  readonly fetches: ReadonlyMap<number, Fetch>
  /** Leaders that wait for these `persist` commands, in order. */
  readonly flushing: ReadonlyArray<{ readonly number: number; readonly cell: number }>
  /** What this peer accepted of its own proposals, and the `persist` commands that make it durable. */
  readonly accepting: ReadonlyArray<{
    readonly number: number
    readonly cell: number
    readonly ballot: Ballot
  }>
  /** Everybody else in the views of this peer's cells, as last met. */
  readonly comembers: ReadonlyMap<RingId, Contact>
  /** Whoever could be a member, in increasing order of id; this peer too, unless it leaves. */
  readonly live: ReadonlyArray<Contact>
  /** The tick at which `live` last changed. */
  readonly liveSince: number
  /** The detector's suspicions when they were last looked at, and the tick at which each began. */
  readonly suspected: ReadonlyMap<RingId, Suspicion>
  readonly lostAt: ReadonlyMap<RingId, number>
  /** The tick at which this peer was asked to leave, or last handed over a cell since; null if it was not asked. */
  readonly leaveAt: number | null
  /** For how many cells it was needed then. */
  readonly leaveNeeds: number
  /** The store has failed: no part in replication any more. */
  readonly failed: boolean
}

/** A log on its way to this peer: it is put together in memory, and used only once it is whole and its hash is right. */
export interface Fetch {
  readonly purpose: Purpose
  readonly target: LogMark
  readonly staged: Log
  /** Whom to ask, in this order, and who is asked now; -1: nobody yet. */
  readonly sources: ReadonlyArray<Contact>
  readonly at: number
  /** The tick at which it was last asked. */
  readonly askedAt: number
  /** The tick at which somebody last wanted this. */
  readonly wantedAt: number
}

/** What for: to accept a proposal of `from`, to install a view, or to be told to a leader. */
export type Purpose =
  | {
      readonly type: "accept"
      readonly epoch: number
      readonly ballot: Ballot
      readonly proposal: Proposal
      readonly from: Contact
    }
  | { readonly type: "install"; readonly epoch: number; readonly proposal: Proposal }
  | { readonly type: "learn"; readonly epoch: number; readonly view: View; readonly from: Contact }

export const emptyReplication: Replication = {
  round: 0,
  fetches: new Map(),
  flushing: [],
  accepting: [],
  comembers: new Map(),
  live: [],
  liveSince: 0,
  suspected: new Map(),
  lostAt: new Map(),
  leaveAt: null,
  leaveNeeds: 0,
  failed: false,
}

/** A chunk of a log: as many items as fit in so many bytes, and at least one. */
export const CHUNK_BYTES = 256 * 1024

/** Most items sent to a member ahead of what it has acknowledged. */
export const WINDOW_ITEMS = 1024

/**
 * Most cells that a leader moves at a time, and most logs that a peer takes on as a learner. Where a peer leaves, others
 * take on all that it had, and no client need wait for that: so it is done a little at a time. The more cells there are the
 * less is in each.
 *
 * @param cells Q, number of cells
 */
export const atATime = (cells: number): number => Math.max(2, Math.ceil(cells / 48))

/** Ticks without an answer after which something is said again. */
export const REPEAT_TICKS = 2

/**
 * How long what runs in a cell may delay its move, in ms; and how long a leaving peer waits for somebody to take over one
 * more cell, before it takes whoever is there, and leaves.
 */
export const DRAIN_MS = 5_000

/** How long a member stays sealed before it proposes, and the ring unchanged before cells are moved, in ms. */
export const PATIENCE_MS = 1_000

/** How long a backup is missed before it is replaced, in ms. */
export const REPAIR_MS = 500

/** A learner forgets what nobody has wanted from it for so long, in ms. */
export const FORGET_MS = 60_000
