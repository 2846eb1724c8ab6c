import type { ResponseHead } from "./ResponseHead.ts"

/** A request as it is sent on, and sent again when it must be. */
export interface UpstreamRequest {
  readonly method: string
  /** Request line and fields, the blank line included, one character a byte (latin1). */
  readonly head: string
  /** Empty when there is none. */
  readonly body: Buffer
  /** It may be executed twice. */
  readonly idempotent: boolean
}

/**
 * Why no (whole) response came:
 * - `unsent`: nothing of the request left this process: no connection came about;
 * - `busy`: as many requests as allowed are at that address, and as many wait;
 * - `lost`: the connection ended first; the request may have been executed;
 * - `garbage`: what came back is no HTTP response; the request may have been executed.
 */
export interface UpstreamFailure {
  readonly kind: "unsent" | "busy" | "lost" | "garbage"
  /** One line: what happened, with whom. */
  readonly reason: string
}

/** Takes one response as it arrives. After `onEnd` or `onFailure` nothing more comes. */
export interface UpstreamSink {
  onHead(head: ResponseHead): void
  /** `bytes[from, to)` of the body; valid only during the call. */
  onBody(bytes: Buffer, from: number, to: number): void
  /** All that was received so far has been handed over, and the response is not over. */
  onPause(): void
  onEnd(): void
  onFailure(failure: UpstreamFailure): void
}
