/** What one connection may cost, and how many there may be. Sizes in bytes, times in ms. */
export interface HttpLimits {
  /** Request line or status line and all fields, the blank line included. */
  readonly headBytes: number
  /** Header fields of one message. */
  readonly fields: number
  /** A request's body, without its chunk framing. Responses are streamed and have no limit. */
  readonly bodyBytes: number
  /** From a request's first byte (or from the connection's start) to the end of its head. */
  readonly headMs: number
  /** From the end of a request's head to the end of its body. */
  readonly bodyMs: number
  /** A connection without a request. */
  readonly idleMs: number
  /** A client that takes nothing of its response. */
  readonly stallMs: number
  /** How long a refused client may go on sending before its connection is cut; it may be reading the reason. */
  readonly lingerMs: number
  /** Connections at a time; more are closed at once. */
  readonly connections: number
}

/** What a hop may add to a head besides its Host once more: the client's name, percent-encoded, is most of it. */
const ADDED_BYTES = 2_048
const ADDED_FIELDS = 8

/**
 * The limits for heads between a dispatcher and a peer: what a client or a service may send has to fit when the hop
 * before has added its own, or the refusal would come from within and name the wrong culprit.
 */
export const withRoom = (limits: HttpLimits): HttpLimits => ({
  ...limits,
  // X-Forwarded-Host repeats Host, which may be nearly all of the head.
  headBytes: limits.headBytes * 2 + ADDED_BYTES,
  fields: limits.fields + ADDED_FIELDS,
})

export const defaultLimits: HttpLimits = {
  headBytes: 16_384,
  fields: 100,
  bodyBytes: 1_048_576,
  headMs: 10_000,
  bodyMs: 30_000,
  idleMs: 60_000,
  stallMs: 60_000,
  lingerMs: 2_000,
  connections: 10_000,
}
