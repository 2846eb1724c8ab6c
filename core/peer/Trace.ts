import type { Difference } from "../handoff/Reply.ts"
import type { RingId } from "../ring/RingId.ts"

/** What a peer says of itself while it runs; names are peers' names. One line each in logs and in `up`. */
export type TraceRecord =
  /** This peer is a member now: founder at genesis, or joined after `after`. */
  | { readonly type: "joined"; readonly after: string | null }
  /** `peer` fell silent, reset its connection, or said that it leaves. */
  | { readonly type: "suspected"; readonly peer: string; readonly reason: SuspicionReason }
  /** A suspected peer was heard from again. */
  | { readonly type: "cleared"; readonly peer: string }
  /** The successor list changed; names, "" for an entry that stands for nobody. */
  | { readonly type: "successors"; readonly list: ReadonlyArray<string> }
  /**
   * The predecessor changed, so this peer now owns (`from`, self]. `tookOver` is the peer it inherits from when
   * that one was lost, else null.
   */
  | {
      readonly type: "predecessor"
      readonly from: RingId
      readonly name: string
      readonly tookOver: string | null
    }
  | { readonly type: "leaving" }
  /** This peer holds a new view of a cell; `leads` says whether it leads it, `entries` how long the log is. */
  | {
      readonly type: "view"
      readonly cell: number
      readonly epoch: number
      readonly members: ReadonlyArray<string>
      readonly leads: boolean
      readonly entries: number
    }
  /** This peer leads the cell and may commit: a majority of the view has the log it began with. */
  | { readonly type: "active"; readonly cell: number; readonly epoch: number }
  /** A replayed answer differed from the journaled one. `fenced`: the session is served no more until it is reset. */
  | {
      readonly type: "diverged"
      readonly client: string
      readonly cell: number
      readonly entry: number
      readonly difference: Difference
      readonly fenced: boolean
    }
  /** What a replica found in its own or another's log cannot be: it takes no further part in the cell. */
  | { readonly type: "corrupt"; readonly cell: number; readonly reason: string }

export type SuspicionReason = "silent" | "reset" | "leaving"
