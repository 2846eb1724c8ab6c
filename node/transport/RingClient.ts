import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Contact } from "../../core/peer/Contact.ts"
import type { FindResult } from "../../core/peer/Message.ts"
import type { RingId } from "../../core/ring/RingId.ts"
import type { DialError } from "./DialError.ts"

/**
 * Why a request to a peer has no answer: `timeout`, its deadline passed (the connection stays, other requests go
 * on); `lost`, the connection is gone, and with it every request in flight.
 */
export class RingClientError extends Data.TaggedError("RingClientError")<{
  readonly reason: "timeout" | "lost"
  /** One line: what happened, with whom. */
  readonly message: string
}> {}

export interface FindOptions {
  /** Whether the answer should name every peer on the way. */
  readonly trace: boolean
  /** How long to wait for the answer, in ms. */
  readonly deadlineMs: number
}

/** A connection to one peer, as dispatchers and command line tools hold it. Any number of requests may be in flight. */
export interface RingClient {
  /** Who answers at the other end. */
  readonly peer: Contact
  /** Which peer owns `key`; `owner` is null when the ring did not answer the peer in time. */
  readonly find: (key: RingId, options: FindOptions) => Effect.Effect<FindResult, RingClientError>
  /** The peer's report on itself (node/peer/PeerReport.ts), as JSON text. */
  readonly inspect: (deadlineMs: number) => Effect.Effect<string, RingClientError>
  /** Asks the peer to leave the ring and exit; done when it has closed the connection. */
  readonly leave: (deadlineMs: number) => Effect.Effect<void, RingClientError>
  /** Done when the connection is gone, whoever closed it. */
  readonly closed: Effect.Effect<void>
}

export interface ConnectOptions {
  /** The cluster that the caller means; a peer of another one refuses. */
  readonly cluster: string
  /** Whom the caller means to reach; without it whoever listens there will do. */
  readonly expected?: Pick<Contact, "id" | "incarnation">
  /** How long connecting and the handshake may take together, in ms; 2,000 by default. */
  readonly deadlineMs?: number
}

/**
 * Connects to the peer whose ring port is at `address` (`host:port`). The connection closes with the scope; it is
 * not made again when lost: the caller decides where to go next.
 */
export const connect = (
  address: string,
  options: ConnectOptions,
): Effect.Effect<RingClient, DialError, Scope.Scope> =>
  Effect.die(`not written yet: ${address} ${options.cluster}`)
