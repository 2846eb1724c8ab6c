import type { ReadMark } from "../replication/ReadMark.ts"
import type { Hash } from "../replication/Durable.ts"
import type { RequestEntry } from "../replication/Entry.ts"

/**
 * A session's requests on their way through this peer: at most one is under way, the others wait in the order in which
 * they came. A session without such has no lane.
 *
 * Invariant: every token is in one place of one lane, from its `request` or `reset` event until its `respond`.
 */
export interface Lane {
  readonly queue: ReadonlyArray<Waiting>
  readonly activity: Activity | null
  /** It stands in the line of those that wait until another replay has ended. */
  readonly wanting: boolean
  /** When it last got on, in ticks of the peer (PeerState.turns). */
  readonly since: number
}

/** A request that waits, with everybody who asked for it. */
export interface Waiting {
  readonly kind: "write" | "read" | "reset"
  /** Empty of a reset. */
  readonly id: string
  readonly request: Uint8Array
  readonly tokens: ReadonlyArray<number>
  /** When it came, in ticks of the peer. */
  readonly since: number
  /** Instances that died of it, or with it. */
  readonly deaths: number
}

export type Activity =
  | Run
  /** Journaled entries are fed to an instance. */
  | { readonly type: "replay"; readonly run: number }
  | Ran
  | Proposed
  /** A read-only request was answered, and waits until its round is confirmed. */
  | {
      readonly type: "confirming"
      readonly waiting: Waiting
      readonly response: Uint8Array
      readonly mark: ReadMark
    }
  /** The end of the session is in the log at `index`, and not committed. */
  | { readonly type: "expiring"; readonly waiting: Waiting; readonly index: number }

/** It runs on an instance. */
export interface Run {
  readonly type: "run"
  readonly run: number
  readonly birth: number
  /** The last epoch, without a gap since it began, that this peer led. */
  readonly epoch: number
  readonly waiting: Waiting
  /** Of a read-only request: the round that must be confirmed before it is answered. */
  readonly mark: ReadMark | null
  /** Leadership was lost: its outcome counts for nothing. */
  readonly abandoned: boolean
}

/** It ran, and is not in the log (any more): to be appended once this peer may. */
export interface Ran {
  readonly type: "ran"
  readonly birth: number
  readonly epoch: number
  readonly waiting: Waiting
  readonly entry: RequestEntry
}

/** Its entry is in the log at `index`, and not committed. */
export interface Proposed {
  readonly type: "proposed"
  readonly index: number
  readonly digest: Hash
  readonly waiting: Waiting
  /** null where another leader wrote it: then it did not run here. */
  readonly own: { readonly birth: number; readonly epoch: number; readonly entry: RequestEntry } | null
}

export const newLane = (since: number): Lane => ({ queue: [], activity: null, wanting: false, since })

/** Most requests of one session that wait at a time, and of one cell. */
export const MOST_OF_SESSION = 64
export const MOST_OF_CELL = 16_384

/** How many tokens are in it. */
export const tokensIn = ({ queue, activity }: Lane): number => {
  let count = activity === null || activity.type === "replay" ? 0 : activity.waiting.tokens.length
  for (const { tokens } of queue) count += tokens.length
  return count
}

/** Whether a planned move has to wait for it. */
export const holdsUpMove = ({ activity }: Lane): boolean =>
  activity !== null && (activity.type === "run" || activity.type === "ran")
