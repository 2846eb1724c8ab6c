import type { Call } from "../../history/Call.ts"

/**
 * A sequential service as the checkers see it: one session, one operation after another. What makes a search cheap is that an
 * answer of ours tells the state it leaves, and so which calls without an answer must have come before it.
 */
export interface Model<S> {
  readonly initial: S
  /** What follows from an answer that is given in state `state` or later; undefined if it cannot be given there any more. */
  readonly answered: (state: S, call: Call) => Answered<S> | undefined
  /** Equal for equal states, and for these only. */
  readonly key: (state: S) => string | number
  /** What has the same effect wherever it comes: one of two such calls may as well be the other. */
  readonly effect: (call: Call) => string
  /** Whether a call cannot change any state. */
  readonly isRead: (call: Call) => boolean
}

export interface Answered<S> {
  /**
   * Effects that nobody was told of and that must have come between, in this order, and how often each. No others will do
   * with fewer of any of them.
   */
  readonly needs: ReadonlyArray<readonly [effect: string, times: number]>
  /** The state that the answer leaves: the same wherever it was given. */
  readonly after: S
}
