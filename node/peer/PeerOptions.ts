import type { Genesis } from "../../core/peer/Genesis.ts"
import type { RingId } from "../../core/ring/RingId.ts"

/** All that one peer process is told; checked by whoever builds it (the command line). */
export interface PeerOptions {
  readonly genesis: Genesis
  readonly name: string
  /** The peer's own directory: identity, boot number, service log. Created if missing. */
  readonly data: string
  /** For a peer that is no founder: where it places itself (default: the hash of its name) ... */
  readonly at?: RingId
  /** ... and where it listens, `host:port`. A founder's addresses stand in the genesis file. */
  readonly ring?: string
  readonly http?: string
  /** Ring addresses to join through besides the founders'. */
  readonly seeds: ReadonlyArray<string>
  /** Dial these instead of what peers say of themselves: peer name -> `host:port` (a test mesh). */
  readonly routes: ReadonlyMap<string, string>
  /** Where the protocol trace goes (core/peer/TraceLine.ts); absent: nowhere. */
  readonly trace?: string
  /** Command line of the service; run by `sh -c` with `PORT` set. */
  readonly service: string
  /** How long the service may take until it accepts a connection on `PORT`, in ms. */
  readonly serviceReadyMs: number
  /** How long the service may take to answer one request before it is killed, in ms. */
  readonly serviceAnswerMs: number
  /** Largest request body, in bytes. */
  readonly bodyLimit: number
  /** Heartbeat interval in ms, and how many of them may pass in silence. */
  readonly tickMs: number
  readonly suspectTicks: number
  /** What an acknowledgement rests on: flushed disks, or the memory of a majority. */
  readonly durability: "disk" | "memory"
  /** Whether backups apply what is committed as it comes, or at a session's first request after a takeover. */
  readonly standby: "warm" | "cold"
  /** Whether all of a client's state hangs on its cookie, so that a fresh cookie is a fresh session. */
  readonly sessionState: "any" | "cookie"
  /** Most entries that a session may have, and most bytes of requests and responses together. */
  readonly sessionEntries: number
  readonly sessionBytes: number
  /** A session without a request for so long is forgotten, in ms. */
  readonly sessionIdleMs: number
  /** Routes that change nothing, so that they are not journaled (node/ingress). */
  readonly readOnly: ReadonlyArray<string>
  /** Where answers may differ at replay (node/service): JSON pointers and patterns. */
  readonly ignore: ReadonlyArray<string>
}
