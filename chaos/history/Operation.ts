import type { WorkloadName } from "../plan/Plan.ts"

/**
 * One line of history.jsonl, in the order in which they were seen: what a client set out to do, or what became of it.
 *
 * An `invoke` has its argument as `value`, its completion has what the service said. `ok`: it happened. `fail`: it did
 * not, and never will. `info`: nobody knows (a time-out, a connection that broke); it may happen at any time after.
 * A process does one thing at a time: a completion belongs to the last `invoke` of its process. An `invoke` without any is
 * an `info` at the end of time.
 *
 * | workload | f | argument | what an `ok` says |
 * |---|---|---|---|
 * | counter, short, hot | increment | null | the count with this one |
 * | | read | null | the count |
 * | cart | add, remove | an item | the cart after it, {item: count} |
 * | | read | null | the cart |
 * | ledger | append | a number that no other append of the client has | how many numbers there are with this one |
 * | | read | null | all numbers in their order |
 *
 * A session that nobody has written to reads as 0, {} and [].
 */
export interface Operation {
  /** Number of the line, from 0. */
  readonly index: number
  /** Whoever does one thing at a time; several of one client do things side by side. */
  readonly process: number
  readonly type: "invoke" | "ok" | "fail" | "info"
  readonly f: "increment" | "read" | "add" | "remove" | "append"
  readonly workload: WorkloadName
  /** Whose session it is. */
  readonly client: string
  readonly value: unknown
  /** In ns, monotonic on this machine: the same clock as that of the traces. */
  readonly time: number
  /** A read after everything is healed and whole, by which what was lost is told. */
  readonly final?: true
  /** Which peer answered, if one is known. */
  readonly peer?: string
  /** Why it is a `fail` or an `info`, in a line. */
  readonly error?: string
}
