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

export type SuspicionReason = "silent" | "reset" | "leaving"
