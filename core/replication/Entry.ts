/**
 * What a cell's journal is made of. An entry is encoded once, by the leader that makes it (core/codec/EntryCodec.ts);
 * those bytes are what is hashed, stored and sent on.
 */
export type Entry = RequestEntry | ExpireEntry

/** A client's request with the answer it was given. */
export interface RequestEntry {
  readonly type: "request"
  /** The client's name: 1 to 256 bytes of UTF-8. */
  readonly client: string
  /** Unique in the session; a dispatcher's `origin-n`, or the client's Idempotency-Key behind `key:`. */
  readonly id: string
  /** The leader's clock when it was answered, in ms since 1970. Only expiry and people look at it. */
  readonly at: number
  /**
   * What replay does with it: run it and compare the answers; run it and take any answer (the service's own could not
   * be journaled: too large, a stream); or skip it, because the service never answered it.
   */
  readonly replay: Replay
  /** The request as the service gets it: HTTP/1.1 head and body, without a field of ours. */
  readonly request: Uint8Array
  /** The answer as the client gets it: HTTP/1.1 head with Content-Length, and body. */
  readonly response: Uint8Array
}

export type Replay = "compare" | "run" | "skip"

/** The session is over: nobody asked for it for long, or an operator reset it. What came before it is forgotten. */
export interface ExpireEntry {
  readonly type: "expire"
  readonly client: string
  readonly at: number
}
