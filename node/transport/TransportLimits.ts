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
  /** Peers that are spoken to or remembered at the same time. */
  readonly peers: number
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
  queueFrames: 16_384,
  queueBytes: 32 * 2 ** 20,
  inbound: 4_096,
  unproved: 256,
  peers: 4_096,
  clientRequests: 4_096,
}
