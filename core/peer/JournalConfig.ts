import type { Hash } from "../replication/Durable.ts"

/** How a peer keeps its journal, in the mode `replay`. */
export interface JournalConfig {
  /** r, the replicas that a cell should have. */
  readonly replicas: number
  /** Starts of this peer on its data directory, this one included; durable. */
  readonly boot: number
  /** warm: committed entries are applied to a backup's own instance as they come. cold: at the first request. */
  readonly standby: "warm" | "cold"
  /**
   * any: a session's state may be anywhere in the instance, so only a fresh instance cures a tainted session.
   * cookie: the operator says that all of it hangs on the client's cookies, so a fresh alias does.
   */
  readonly sessionState: "any" | "cookie"
  /** Most entries a session may have, and most bytes of requests and responses together. */
  readonly sessionEntries: number
  readonly sessionBytes: number
  /** A session without a request for so long is expired, in ms. */
  readonly idleMs: number
  /** Replays of sessions at a time. */
  readonly replays: number
  /** SHA-256, should there be a faster one than the core's own; it must give the same. */
  readonly sha256?: (bytes: Uint8Array) => Hash
}
