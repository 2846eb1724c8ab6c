import type { Ballot } from "./Ballot.ts"
import type { Accepted, Hash, LogMark, Proposal } from "./Durable.ts"
import type { View } from "./View.ts"

/** A round of a leader: the acks of another boot count for nothing. */
export interface Round {
  readonly boot: number
  readonly n: number
}

/** An item on its way: the entry's bytes, or only its digest once the entry has expired. Heads are computed anew. */
export type SentItem = { readonly bytes: Uint8Array } | { readonly digest: Hash }

/**
 * What the replicas of a cell say to one another (journal.md, Messages). Each carries cell and epoch, is fire and
 * forget, and is said again until it is answered.
 */
export type ReplicaMessage =
  /** Leader to member. No items and a fresh round: heartbeat, retransmission, barrier and read. */
  | {
      readonly type: "Append"
      readonly cell: number
      readonly epoch: number
      readonly round: Round
      readonly prev: LogMark
      readonly items: ReadonlyArray<SentItem>
      readonly commit: number
    }
  /**
   * `length` is what the Append covered, durably. `round` is null for the ack of an Install. `warm`: the member's
   * standby has applied all that it knows to be committed in this cell.
   */
  | {
      readonly type: "AppendAck"
      readonly cell: number
      readonly epoch: number
      readonly round: Round | null
      readonly length: number
      readonly warm: boolean
    }
  /** The log does not match at `prev`: it has `length` items (of this epoch's log; the leader goes on from there). */
  | { readonly type: "AppendNack"; readonly cell: number; readonly epoch: number; readonly length: number }
  | { readonly type: "Sealed"; readonly cell: number; readonly epoch: number; readonly ballot: Ballot }
  | { readonly type: "Prepare"; readonly cell: number; readonly epoch: number; readonly ballot: Ballot }
  | {
      readonly type: "Promise"
      readonly cell: number
      readonly epoch: number
      readonly ballot: Ballot
      readonly accepted: Accepted | null
      /** All that the member has appended. */
      readonly log: LogMark
      /** It wants to be in no further view. */
      readonly leaving: boolean
    }
  /** A higher ballot was promised. */
  | { readonly type: "Refuse"; readonly cell: number; readonly epoch: number; readonly ballot: Ballot }
  | {
      readonly type: "Accept"
      readonly cell: number
      readonly epoch: number
      readonly ballot: Ballot
      readonly proposal: Proposal
    }
  | { readonly type: "Accepted"; readonly cell: number; readonly epoch: number; readonly ballot: Ballot }
  /** The view of `epoch` is decided. `base` is its log. */
  | { readonly type: "Install"; readonly cell: number; readonly epoch: number; readonly proposal: Proposal }
  /** To a former member: a majority of `epoch` has the log, yours is not needed any more. */
  | { readonly type: "Retire"; readonly cell: number; readonly epoch: number; readonly view: View }
  /** Asks for the log after `have`. */
  | { readonly type: "Pull"; readonly cell: number; readonly epoch: number; readonly have: LogMark }
  /** The log from `prev` on, as much as fits in a message; `have` of the asker if it matches, else from the start. */
  | {
      readonly type: "Pulled"
      readonly cell: number
      readonly epoch: number
      readonly prev: LogMark
      readonly items: ReadonlyArray<SentItem>
      /** Where the sender's log begins (what lies before is expired and gone), and where it ends. */
      readonly start: number
      readonly length: number
    }
  /** To a peer that is to become a member: fetch the log from me (as a learner), and say when you have it. */
  | {
      readonly type: "Learn"
      readonly cell: number
      readonly epoch: number
      readonly view: View
      readonly log: LogMark
    }
  | { readonly type: "Learned"; readonly cell: number; readonly epoch: number; readonly log: LogMark }
  /** Which view do you know? Answered by Install when it is later than `epoch`; how a peer that missed one asks. */
  | { readonly type: "ViewQuery"; readonly cell: number; readonly epoch: number }
