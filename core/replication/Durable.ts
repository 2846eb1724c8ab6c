import type { Ballot } from "./Ballot.ts"
import type { View } from "./View.ts"

/** SHA-256 as 64 lower-case hexadecimal digits. */
export type Hash = string & { readonly Hash: unique symbol }

/** The head hash of an empty log. */
export const NO_HASH = "0".repeat(64) as Hash

/** One place of a log. `head` = SHA-256(head of the one before | digest), `digest` = SHA-256(bytes). */
export interface LogItem {
  readonly digest: Hash
  readonly head: Hash
  /** The encoded entry; null once its session has expired and only the digest is kept. */
  readonly bytes: Uint8Array | null
}

/** How long a log is and what is in it. */
export interface LogMark {
  readonly length: number
  /** Head hash at `length`; NO_HASH at 0. */
  readonly head: Hash
}

/** What the next view of a cell is to be, as proposed to the members of epoch e. */
export interface Proposal {
  readonly members: View
  /** The log that epoch e+1 begins with. */
  readonly base: LogMark
  /** The members of epoch e, from any of which (or of the new ones) that log may be had. */
  readonly old: View
}

export interface Accepted {
  readonly ballot: Ballot
  readonly proposal: Proposal
}

/** All of a replica that must survive a crash, but for the log. */
export interface CellRecord {
  readonly cell: number
  /**
   * member: of `view` in `epoch`. former: not in the view that followed (`next`), but keeps its log until it is
   * retired. tombstone: retired; remembers epoch and view, and has no log.
   */
  readonly role: "member" | "former" | "tombstone"
  readonly epoch: number
  readonly view: View
  /** The log at the beginning of `epoch`. */
  readonly base: LogMark
  /** Highest ballot promised for the choice of view epoch + 1. Not null: sealed. */
  readonly ballot: Ballot | null
  readonly accepted: Accepted | null
  /** former: the decided view epoch + 1. */
  readonly next: Proposal | null
}

/** A log as it is stored: a prefix that is wholly expired is only its length and head. */
export interface DurableLog {
  readonly start: LogMark
  /** The items from `start.length` on. */
  readonly items: ReadonlyArray<LogItem>
}

/** What a store has of one cell. */
export interface DurableCell {
  readonly record: CellRecord
  readonly log: DurableLog
}

/**
 * A change of what is stored. Those of one `persist` command are stored all or none, and one command's after all of
 * the one before it.
 */
export type Write =
  /** Replaces the record of `record.cell`; the log is untouched. */
  | { readonly type: "record"; readonly record: CellRecord }
  /** Items from index `from` on, which is the length so far. */
  | {
      readonly type: "append"
      readonly cell: number
      readonly from: number
      readonly items: ReadonlyArray<LogItem>
    }
  /** The log is cut to `length`. */
  | { readonly type: "cut"; readonly cell: number; readonly length: number }
  /** The log is replaced as a whole. */
  | { readonly type: "replace"; readonly cell: number; readonly log: DurableLog }
  /** The items at these indices lose their bytes, and keep digest and head. */
  | { readonly type: "fade"; readonly cell: number; readonly indices: ReadonlyArray<number> }
  /** The log begins at `start` from now on; what lay before goes. */
  | { readonly type: "trim"; readonly cell: number; readonly start: LogMark }
