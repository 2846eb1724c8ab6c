import type { Contact } from "../peer/Contact.ts"

/** The end of a client's request, as the core sees it. */
export type Reply =
  /** The journaled response; `entry` is its index in the cell's log, null for a read-only request. */
  | { readonly type: "response"; readonly response: Uint8Array; readonly entry: number | null }
  /** Not executed here, ask `leader` (null: ask the ring). */
  | { readonly type: "not-leader"; readonly leader: Contact | null }
  | { readonly type: "refused"; readonly code: RefusalCode; readonly reason: string }

/**
 * no-majority: too few of the cell's replicas answer (503). diverged: the session is fenced (503). session-full: it has
 * as many entries or bytes as it may (507). no-instance: the service does not run (503). overloaded: too many wait (503).
 */
export type RefusalCode = "no-majority" | "diverged" | "session-full" | "no-instance" | "overloaded"

/** What became of a request at the service. */
export type Outcome =
  /** It answered; `response` is the client's side of it. */
  | { readonly type: "answered"; readonly response: Uint8Array }
  /** It answered in a way that cannot be journaled; `response` is what the client gets instead. */
  | { readonly type: "unjournaled"; readonly response: Uint8Array }
  /** It gave no answer in time and was killed; `response` is what the client gets (504). */
  | { readonly type: "hung"; readonly response: Uint8Array }
  /** It died, of this request or of something else; nothing is known. */
  | { readonly type: "died"; readonly response: Uint8Array }

/** Where a replayed answer differs from the journaled one. */
export interface Difference {
  /** `status`, `cookies`, or where in the body: a JSON pointer (`the whole body` for its root), `line 3`, or `byte 17`. */
  readonly where: string
  readonly journaled: string
  readonly replayed: string
  /** The flag that would declare it noise, as to be typed; null if none can. */
  readonly flag: string | null
}
