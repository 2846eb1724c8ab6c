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
