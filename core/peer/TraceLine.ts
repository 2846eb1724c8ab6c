import type { Hash } from "../replication/Durable.ts"
import type { RingId } from "../ring/RingId.ts"
import type { SuspicionReason, TraceRecord } from "./Trace.ts"

/**
 * One line of a trace: what a peer did, in the words of the protocol. A trace file (`ringstead peer --trace FILE`) has
 * one such object as JSON in each line, in the order in which things happened; a process that starts again on the same
 * file goes on behind what is there, after a line end of its own should the last line be cut off. Traces of several
 * peers together are what `ringstead check trace FILE...` judges.
 *
 * Lines are written before anything leaves that the peer says in that step, so a process that is killed has said
 * nothing to anybody that its trace lacks; only the last line may be cut off. What must be durable before it counts is
 * another matter: see `rests`.
 */
export type TraceLine = Envelope & (OwnRecord | ProtocolRecord)

/** What a peer says of itself, but that `peer` is whose line it is: the other one is `whom`. */
export type OwnRecord =
  | Exclude<TraceRecord, About>
  | { readonly type: "suspected"; readonly whom: string; readonly reason: SuspicionReason }
  | { readonly type: "cleared"; readonly whom: string }

type About = Extract<TraceRecord, { readonly peer: string }>

interface Envelope {
  /**
   * Nanoseconds of the machine's monotonic clock (virtual time in the simulator), as a whole number: comparable between
   * processes of one machine, so that nothing is received before it was sent.
   */
  readonly t: number
  /** The peer's name and incarnation, the start of its process on its data directory, and the line's number there, from 0. */
  readonly peer: string
  readonly incarnation: number
  readonly boot: number
  readonly seq: number
  /**
   * The step rests on what was written up to this write, which was not yet durable; absent: on nothing that is not. What
   * it says to other peers leaves only after the line `durable` that reaches it; if none follows in the boot, the write
   * may be lost, and nobody has heard of it.
   */
  readonly rests?: number
}

/** A member of a view: name and incarnation, as `NAME#INCARNATION`. */
export type TracedMember = string

/**
 * What happened to the journal at one peer. `cell` is a cell's number; `epoch` that of the view it is about; `length`
 * and `head` say how long a log is and what its head hash is there; ballots are texts, `COUNTER/RING ID/BOOT`, ordered
 * by counter, then ring id, then boot.
 */
export type ProtocolRecord =
  /** First line of a boot: how the cluster was founded, and whether this peer begins as one of its founders. */
  | {
      readonly type: "started"
      readonly id: RingId
      readonly founding: boolean
      readonly mode: "stateless" | "replay"
      readonly cells: number
      readonly replicas: number
      /** By increasing ring id: who was in view 0 of a cell follows from it (journal.md, Genesis). */
      readonly founders: ReadonlyArray<{ readonly id: RingId; readonly member: TracedMember }>
    }
  /** After `started`, for each cell: what the disk had of it. None for a view of genesis in which nothing happened. */
  | {
      readonly type: "held"
      readonly cell: number
      readonly role: "member" | "former" | "tombstone"
      readonly epoch: number
      readonly members: ReadonlyArray<TracedMember>
      readonly ballot: string | null
      /** As in `accepted`. */
      readonly accepted: TracedProposal | null
      readonly length: number
      readonly head: Hash
    }
  /** All that was written up to this write is durable. */
  | { readonly type: "durable"; readonly upTo: number }
  /** Promised a ballot for the next view, and so is sealed; `length` and `head` are all it has appended. */
  | {
      readonly type: "promised"
      readonly cell: number
      readonly epoch: number
      readonly ballot: string
      readonly length: number
      readonly head: Hash
    }
  /** Accepted `members` as the view of `epoch` + 1, which begins with the log up to `length`; seals too. */
  | ({ readonly type: "accepted"; readonly cell: number; readonly epoch: number } & TracedProposal)
  /** Took on the view of `epoch`; its log is now what that view begins with, `length` long. */
  | {
      readonly type: "installed"
      readonly cell: number
      readonly epoch: number
      readonly members: ReadonlyArray<TracedMember>
      readonly leads: boolean
      readonly length: number
      readonly head: Hash
    }
  /** The view of `epoch` is without this peer: former, it keeps its log until it is told that nobody needs it. */
  | {
      readonly type: "replaced"
      readonly cell: number
      readonly epoch: number
      readonly members: ReadonlyArray<TracedMember>
      readonly keepsLog: boolean
    }
  /** The log grew by `entries`, to `length`. */
  | {
      readonly type: "stored"
      readonly cell: number
      readonly epoch: number
      readonly length: number
      readonly head: Hash
      readonly entries: ReadonlyArray<TracedEntry>
    }
  /** Tells `to`, the leader, that it holds a log of `length`; `round` null: for the view it took on. */
  | {
      readonly type: "acked"
      readonly cell: number
      readonly epoch: number
      readonly length: number
      readonly round: number | null
      readonly to: TracedMember
    }
  /** Takes its log for committed up to `length`. */
  | {
      readonly type: "committed"
      readonly cell: number
      readonly epoch: number
      readonly length: number
      readonly leads: boolean
    }
  /**
   * A client got its answer: that in `entry` of the log, or, null, one that changed nothing. `epoch` is the one that this
   * peer leads, or led until this step.
   */
  | {
      readonly type: "released"
      readonly cell: number
      readonly epoch: number
      readonly entry: number | null
      readonly client: string
      readonly id: string
    }
  /** A lookup for somebody attached to this peer ended at the peer `found` (null: given up), after so many messages. */
  | {
      readonly type: "lookup"
      readonly key: RingId
      readonly hops: number
      /** Messages that it should take at most (routing.md, Hops). */
      readonly budget: number
      readonly found: string | null
    }

/** What the next view is to be, at that ballot, and the log that it begins with. */
export interface TracedProposal {
  readonly ballot: string
  readonly members: ReadonlyArray<TracedMember>
  readonly length: number
  readonly head: Hash
}

/** An entry of a log: a request; the end of a session (`id` null); null where its bytes have expired. */
export type TracedEntry = { readonly client: string; readonly id: string | null } | null
