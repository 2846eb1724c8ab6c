import type { CellRecord } from "./Durable.ts"
import type { Log } from "./Log.ts"

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
}

/** What a leader knows besides; volatile. */
export interface Leading {
  /** A majority of the view has acknowledged the log that it began with: it may serve. */
  readonly active: boolean
  /** A planned move is due: begin nothing new, so that what runs can end. */
  readonly draining: boolean
}
