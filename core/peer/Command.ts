import type { Contact } from "./Contact.ts"
import type { FindResult, RingMessage } from "./Message.ts"
import type { TraceRecord } from "./Trace.ts"

/** What the core asks of whoever drives it. Commands are carried out in order. */
export type Command =
  /** Best effort: may be lost, late or doubled, never altered. */
  | { readonly type: "send"; readonly to: Contact; readonly message: RingMessage }
  /** Fire `tick` in `afterMs` milliseconds. There is one such timer. */
  | { readonly type: "setTick"; readonly afterMs: number }
  /** The answer to the `find` event with this token; exactly one for each. */
  | { readonly type: "found"; readonly token: number; readonly result: FindResult }
  | { readonly type: "trace"; readonly record: TraceRecord }
