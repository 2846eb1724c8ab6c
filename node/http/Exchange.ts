import type { Framing } from "./ResponseHead.ts"
import type { RequestHead } from "./RequestHead.ts"

/** A request that has arrived whole. */
export interface HttpRequest {
  readonly head: RequestHead
  /** Its body without chunk framing; empty when there is none. */
  readonly body: Buffer
  /** The client's address, without its port. */
  readonly remote: string
}

/**
 * Where the answer to one request goes. Of `start`, `write`* and `end`, or `answer` alone, or `abort` at any time;
 * nothing after `end`, `answer`, `abort` or {@link Exchange.onGone}. Nothing reaches the client before `flush` or
 * `end`; until then `start` and `answer` may be called again, and take back what was begun.
 */
export interface Reply {
  /**
   * Begins the response.
   *
   * @param head status line and fields, each ending in CR LF, without the blank line, and without `Connection` and
   * `Transfer-Encoding`; with `Content-Length` when the length is known.
   */
  start(head: string, framing: Framing): void
  /** Adds `bytes[from, to)` to the body; they are copied. */
  write(bytes: Buffer, from: number, to: number): void
  /**
   * Sends what was written since the last flush.
   *
   * @returns false when the client takes no more for now: wait for {@link Exchange.onDrain}.
   */
  flush(): boolean
  /** Ends the response and sends what is left of it. */
  end(): void
  /** A whole answer of our own; parameters of localAnswer. */
  answer(status: number, code: string, reason: string, lines?: string): void
  /** Cuts the connection: all that can still be said once a response has begun and its rest is lost. */
  abort(): void
}

/** Whoever works on the answer to one request. */
export interface Exchange {
  /** Called every few tens of ms. */
  onTick(now: number): void
  /** The client takes more again. */
  onDrain(): void
  /** The client's connection is gone: nobody waits any more. */
  onGone(): void
}

/** Takes a request; undefined when it has been answered before this returns. */
export type Handler = (request: HttpRequest, reply: Reply) => Exchange | undefined
