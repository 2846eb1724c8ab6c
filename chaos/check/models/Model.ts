import type { Call } from "../../history/Call.ts"

/** A sequential service as the checkers see it: one session, one state, one operation after another. */
export interface Model<S> {
  readonly initial: S
  /**
   * The state after a call whose outcome is ok, or undefined if a service in state `state` could not have answered so.
   */
  readonly answer: (state: S, call: Call) => S | undefined
  /**
   * The state after a call of which nobody knows what it answered, had it happened; undefined if it cannot have happened in
   * that state, as others' answers show.
   */
  readonly apply: (state: S, call: Call) => S | undefined
  /** Equal for equal states, and for these only. */
  readonly key: (state: S) => string | number
  /** What has the same effect in every state: one of two such open calls may as well be the other. */
  readonly effect: (call: Call) => string
  /** Whether a call cannot change any state. */
  readonly isRead: (call: Call) => boolean
}
