import type { Handoff } from "../handoff/Handoff.ts"
import type { Detector } from "../membership/Detector.ts"
import type { SuccessorList } from "../membership/SuccessorList.ts"
import type { Replica } from "../replication/Replica.ts"
import type { Replication } from "../replication/Replication.ts"
import type { RingId } from "../ring/RingId.ts"
import type { Contact } from "./Contact.ts"
import type { JournalConfig } from "./JournalConfig.ts"

/** What a peer is told once, when it starts. */
export interface PeerConfig {
  readonly self: Contact
  /** The genesis file's founders, in increasing order of id. */
  readonly founders: ReadonlyArray<Contact>
  /**
   * A founder that never ran before: it begins as a member of the ideal ring of all founders. Every other start
   * joins the ring that is there.
   */
  readonly founding: boolean
  /** L, entries in a successor list, from 1. */
  readonly successors: number
  /** Q, number of cells. */
  readonly cells: number
  /** Heartbeat interval in milliseconds. */
  readonly tickMs: number
  /** Ticks of silence after which a peer is suspected, from 1. */
  readonly suspectTicks: number
  /** null: the mode `stateless`, in which nothing is journaled. */
  readonly journal: JournalConfig | null
}

/** The ring operation that a member is waiting for an answer in; it runs one at a time (ring.md, State). */
export interface Operation {
  readonly kind: "stabilize" | "stabilizeFromPredecessor" | "recover"
  /** Comes back in the answer, so that a late one is known for what it is. */
  readonly number: number
  readonly target: Contact
  /** Ticks waited so far. */
  readonly ticks: number
}

/** A lookup that this peer started for somebody attached to it. */
export interface PendingLookup {
  /** Whoever asked knows it by this number ... */
  readonly client: number
  /** ... and the ring by this one, a new one at each try. */
  readonly token: number
  readonly key: RingId
  readonly trace: boolean
  readonly ticks: number
  readonly tries: number
}

/**
 * All that a peer knows. Plain data that is never changed in place: a step shares what it did not touch, so old
 * states stay valid for whoever explores them.
 */
export interface PeerState {
  readonly config: PeerConfig
  readonly phase: "joining" | "member" | "leaving"
  /** Ticks since the start, counted up to {@link GRACE_TICKS}. */
  readonly age: number
  /** Founders that have not spoken as members yet, while they may still be starting: late, not dead. */
  readonly awaited: ReadonlySet<RingId>
  /** succ[m]; means nothing while joining. */
  readonly successors: SuccessorList
  /** prdc[m]; means nothing while joining. */
  readonly predecessor: Contact
  readonly operation: Operation | null
  readonly nextOperation: number
  /** A live peer nearer than the first successor, to be adopted when no operation is under way. */
  readonly candidate: Contact | null
  /** finger[k] is 2^k peers ahead, as far as known; finger[0] is the first successor at the last refresh. */
  readonly fingers: ReadonlyArray<Contact>
  /** Whether the last tick came late by an interval or more. */
  readonly late: boolean
  /** Which finger is refreshed next, which suspected peer is probed next: both just count. */
  readonly turns: number
  readonly detector: Detector
  /** Peers to join through. */
  readonly seeds: ReadonlyArray<Contact>
  readonly lookups: ReadonlyArray<PendingLookup>
  readonly nextToken: number
  /** By cell; null where this peer has nothing. Empty in the mode `stateless`. */
  readonly replicas: ReadonlyArray<Replica | null>
  readonly replication: Replication
  readonly handoff: Handoff
  /** Number of the last `persist` command, and of the last one known to be durable. */
  readonly persists: { readonly issued: number; readonly durable: number }
  /** The wall clock at the last `clock` event, in ms since 1970; 0 before the first. */
  readonly nowMs: number
}

/**
 * Founders start when they start: for so many ticks one that was never heard is late, not dead. Also the longest
 * that a ring's first peers may take to come up one after another (10 s at 100 ms a tick).
 */
export const GRACE_TICKS = 100

/** A founder that has asked in vain for so long finds that nobody is left, and founds the ring anew with the others. */
export const REFOUND_TICKS = 15

/** Ticks between two attempts to join, and between two tries of a lookup. */
export const RETRY_TICKS = 3

/** Ticks between two questions of a member for its own place, by which rings that know little of each other merge. */
export const REJOIN_TICKS = 10

/** Tries of a lookup before it is given up; whoever asked may ask again. */
export const LOOKUP_TRIES = 5
