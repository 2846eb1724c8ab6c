import type { Reply } from "../handoff/Reply.ts"
import type { Write } from "../replication/Durable.ts"
import type { RequestEntry } from "../replication/Entry.ts"
import type { Contact } from "./Contact.ts"
import type { FindResult, RingMessage } from "./Message.ts"
import type { TraceRecord } from "./Trace.ts"

/** What the core asks of whoever drives it. Commands are carried out in order. */
export type Command =
  /**
   * Best effort: may be lost, late or doubled, never altered. It leaves only when all that was persisted up to the
   * command numbered `after` is durable; undefined: at once.
   */
  | {
      readonly type: "send"
      readonly to: Contact
      readonly message: RingMessage
      readonly after?: number
    }
  /** Fire `tick` in `afterMs` milliseconds. There is one such timer. */
  | { readonly type: "setTick"; readonly afterMs: number }
  /** The answer to the `find` event with this token; exactly one for each. */
  | { readonly type: "found"; readonly token: number; readonly result: FindResult }
  | { readonly type: "trace"; readonly record: TraceRecord }
  /** Make these durable, all or none; `number` counts from 1. Answered by `persisted`, in order, perhaps for several. */
  | { readonly type: "persist"; readonly number: number; readonly writes: ReadonlyArray<Write> }
  /** Run a request on the instance of that birth. Answered by `answered`. Runs of one client never overlap. */
  | {
      readonly type: "run"
      readonly run: number
      readonly birth: number
      readonly client: string
      readonly request: Uint8Array
    }
  /**
   * Feed these journaled requests to the instance of that birth, in order, and compare the answers. `fresh`: the
   * instance is to see this client for the first time: forget its cookie aliases. Not `urgent`:
   * nobody waits for it, and whoever is waited for comes first, until `hurry` says otherwise. Answered by `replayed`.
   */
  | {
      readonly type: "replay"
      readonly run: number
      readonly birth: number
      readonly client: string
      readonly fresh: boolean
      readonly urgent: boolean
      readonly steps: ReadonlyArray<RequestEntry>
    }
  /** The `replay` of this number is urgent from now on; it may have ended, or been so before. */
  | { readonly type: "hurry"; readonly run: number }
  /** Start a fresh instance beside the one of that birth, and those before it; `instance` says when it is ready. */
  | { readonly type: "renew"; readonly birth: number; readonly reason: string }
  /** The instance of that birth is used no more: a later one has taken its place, and nothing runs on it. */
  | { readonly type: "retire"; readonly birth: number }
  /** The end of the `request` or `reset` event with this token. */
  | { readonly type: "respond"; readonly token: number; readonly reply: Reply }
  /** Nobody needs a leaving peer for any cell any more (or it has given up handing over): the process may end. */
  | { readonly type: "left" }
