import type { Difference, Outcome } from "../handoff/Reply.ts"
import type { RingId } from "../ring/RingId.ts"
import type { Contact } from "./Contact.ts"
import type { RingMessage } from "./Message.ts"

/** Everything that can happen to a peer. Time, randomness and the outside world reach the core only as these. */
export type Event =
  /** The process is up; the first event of all. */
  | { readonly type: "started" }
  /** A peer that may be joined through, besides the founders. */
  | { readonly type: "seed"; readonly peer: Contact }
  | { readonly type: "message"; readonly from: Contact; readonly message: RingMessage }
  /**
   * The tick timer fired, `lateMs` milliseconds after it was due. A tick that comes late says that this process
   * stood still, so it counts no silence against others, unless the one before it was late too.
   */
  | { readonly type: "tick"; readonly lateMs: number }
  /** The transport is sure that nobody is there: connection refused or reset, not merely slow. */
  | { readonly type: "suspect"; readonly peer: Contact }
  /** Somebody attached to this peer wants the owner of `key`. */
  | { readonly type: "find"; readonly token: number; readonly key: RingId; readonly trace: boolean }
  /** The operator wants this peer to leave. */
  | { readonly type: "leave" }
  /** All that was persisted up to the command with this number is durable. */
  | { readonly type: "persisted"; readonly upTo: number }
  /** The store failed for good (disk full, damage): nothing more will become durable. */
  | { readonly type: "storageFailed" }
  /** The wall clock, in ms since 1970, about once a second; it may jump. */
  | { readonly type: "clock"; readonly nowMs: number }
  /**
   * A fresh service instance is ready, the `birth`-th of this process's life; null: the newest one is gone, and earlier
   * ones are all there is. What one still runs is over only when it was `answered`.
   */
  | { readonly type: "instance"; readonly birth: number | null }
  /** An instance, of whatever birth, answers nothing any more. */
  | { readonly type: "gone"; readonly birth: number }
  /** A client's request; it gets exactly one `respond` with its `token`. */
  | {
      readonly type: "request"
      readonly token: number
      readonly cell: number
      readonly client: string
      readonly id: string
      /** As in an entry: HTTP/1.1 head and body without a field of ours. */
      readonly request: Uint8Array
      /** On a route that the operator says changes nothing: not journaled. */
      readonly readOnly: boolean
    }
  /** The end of the `run` command with this number; exactly one for each. */
  | { readonly type: "answered"; readonly run: number; readonly outcome: Outcome }
  /**
   * The end of the `replay` command with this number; exactly one for each. `applied` counts its steps that the
   * instance has run. `difference` is the first one seen (replay stops there), null if none; then `applied` smaller than
   * the number of steps says that the instance died.
   */
  | {
      readonly type: "replayed"
      readonly run: number
      readonly applied: number
      readonly difference: Difference | null
    }
  /** The operator resets a session: it is expired, and fenced no more. Gets one `respond`. */
  | { readonly type: "reset"; readonly token: number; readonly cell: number; readonly client: string }
