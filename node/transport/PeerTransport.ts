import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Contact } from "../../core/peer/Contact.ts"
import type { ClientMessage, RingMessage } from "../../core/peer/Message.ts"
import type { DialError } from "./DialError.ts"

/** The ring port could not be opened. `message` is one line: the address, the cause, the remedy. */
export class ListenError extends Data.TaggedError("ListenError")<{
  readonly reason: "taken" | "forbidden" | "noSuchAddress" | "other"
  readonly address: string
  readonly message: string
}> {}

/** Every bound and deadline of the transport. */
export interface TransportLimits {
  /** From connect() to an established TCP connection, in ms. */
  readonly connectMs: number
  /** From the TCP connection to the end of the handshake, in ms, on either side. */
  readonly handshakeMs: number
  /** First and longest pause before a peer that could not be reached is dialled again, in ms; doubling between. */
  readonly backoffMs: number
  readonly maxBackoffMs: number
  /** An outgoing connection that nothing was sent on for this long is closed, in ms. */
  readonly idleMs: number
  /** An outgoing connection whose other end confirms nothing for this long is given up, in ms. */
  readonly stallMs: number
  /** Messages, and bytes of them, waiting for one peer; the oldest are dropped beyond. */
  readonly queueFrames: number
  readonly queueBytes: number
  /** Inbound connections in all, and those that have not finished the handshake. */
  readonly inbound: number
  readonly unproved: number
  /** Requests of one client that may wait for their answer; no more are read beyond. */
  readonly clientRequests: number
}

export const defaultLimits: TransportLimits = {
  connectMs: 1_000,
  handshakeMs: 2_000,
  backoffMs: 50,
  maxBackoffMs: 2_000,
  idleMs: 30_000,
  stallMs: 5_000,
  queueFrames: 1_024,
  queueBytes: 4 * 2 ** 20,
  inbound: 4_096,
  unproved: 256,
  clientRequests: 4_096,
}

export interface TransportOptions {
  readonly cluster: string
  /** Who we are. When `listen` asks for port 0, `ring` is replaced by the address we got. */
  readonly self: Contact
  /** Starts of this peer on its data directory, from 1. Tells a restarted process from the one before. */
  readonly boot: number
  /** `host:port` to listen on; port 0 lets the system choose. */
  readonly listen: string
  /** Dial these instead of `contact.ring`: peer name -> `host:port`. */
  readonly routes: ReadonlyMap<string, string>
  /** A peer said something; `from` is who it proved to be in the handshake. */
  readonly onMessage: (from: Contact, message: RingMessage) => void
  /**
   * Nobody is there: the connection was refused, or one that stood was reset or closed without a word, or the peer
   * said that it stops. Called once, and again only after the peer was heard from in between. Not called for mere
   * slowness, nor for connections that we close or that the other side closes for being idle.
   */
  readonly onUnreachable: (peer: Contact) => void
  /** A dispatcher or a tool asks. `reply` may be called at once or later, once; after the connection is gone it does nothing. */
  readonly onClient: (message: ClientMessage, reply: (message: ClientMessage) => void) => void
  /** Something an operator should know; one line, and only a few of them a minute however many there are. */
  readonly onProblem: (text: string) => void
  readonly limits?: Partial<TransportLimits>
}

/** What the transport has done so far. */
export interface TransportStats {
  /** Connections open now. */
  readonly inbound: number
  readonly outgoing: number
  /** Messages thrown away since the start: the queue was full, or the peer could not be reached. */
  readonly dropped: number
}

export interface PeerTransport {
  /** Who we say we are, with the address we listen on. */
  readonly self: Contact
  /** Sends, or queues, or drops; never waits and never fails. */
  readonly send: (to: Contact, message: RingMessage) => void
  /** Who listens at `address` (`host:port`)? The connection made to ask is kept for messages to that peer. */
  readonly resolve: (address: string) => Effect.Effect<Contact, DialError>
  readonly stats: () => TransportStats
}

/**
 * Opens the ring port and starts serving it. When the scope closes, all connections, timers and the port go at once;
 * peers are told that we stop.
 */
export const makeTransport = (
  options: TransportOptions,
): Effect.Effect<PeerTransport, ListenError, Scope.Scope> => Effect.die(`not written yet: ${options.listen}`)
