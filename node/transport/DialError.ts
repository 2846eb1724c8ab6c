import * as Data from "effect/Data"

/**
 * Why no connection came about:
 * - `unreachable`: nobody listens there, or the name does not resolve, or the connection broke before a word was said;
 * - `timeout`: nothing was heard within the deadline;
 * - `refused`: somebody answered, and said why not (another cluster, another wire version, another peer, ...);
 * - `protocol`: what answered does not speak this protocol.
 */
export type DialReason = "unreachable" | "timeout" | "refused" | "protocol"

/** A connection to `address` (`host:port`) did not come about. `message` is one line: what happened, what to do. */
export class DialError extends Data.TaggedError("DialError")<{
  readonly reason: DialReason
  readonly address: string
  readonly message: string
}> {}
