import { ChunkedBody } from "./ChunkedBody.ts"
import { CR, LF } from "./Grammar.ts"
import type { HttpLimits } from "./HttpLimits.ts"
import { type HttpProblem, malformed, problem } from "./HttpProblem.ts"
import { headTooLarge } from "./FieldLines.ts"
import { parseRequestHead, type RequestHead } from "./RequestHead.ts"

/** Where a reader is: between requests, within a head, within a body. */
export const BETWEEN = 0
export const IN_HEAD = 1
export const IN_BODY = 2

const NOTHING = Buffer.alloc(0)
/** First size of the buffer for a body whose length is not known beforehand. */
const FIRST_BYTES = 4_096
const BAD_CHUNK = malformed("the chunked body is malformed: sizes are hexadecimal digits, lines end in CR LF")

/** Cuts a stream of bytes into requests, each with its whole body, whatever pieces the stream comes in. */
export class RequestReader {
  /** {@link BETWEEN}, {@link IN_HEAD} or {@link IN_BODY}. */
  stage = BETWEEN
  /** The present request's head, once it is known. */
  head: RequestHead | undefined
  /** The present request's body; only when {@link whole}. */
  body: Buffer = NOTHING
  /** The present request is there; the next read begins another. */
  whole = false
  /** Why the stream cannot be read on. */
  problem: HttpProblem | undefined
  /** The client waits to hear `100 Continue`. Whoever says it sets this back. */
  awaited = false
  private readonly limits: HttpLimits
  private filled = 0
  private chunks: ChunkedBody | undefined

  constructor(limits: HttpLimits) {
    this.limits = limits
  }

  /**
   * Reads `bytes[from, to)` up to the end of a request, or as far as it goes.
   *
   * @returns up to where bytes were used; the rest must come again, with more after it. Means nothing after a
   * problem.
   */
  read(bytes: Buffer, from: number, to: number): number {
    if (this.whole) this.clear()
    return this.stage === IN_BODY ? this.readBody(bytes, from, to) : this.readHead(bytes, from, to)
  }

  private clear(): void {
    this.whole = false
    this.head = undefined
    this.body = NOTHING
    this.chunks = undefined
  }

  private readHead(bytes: Buffer, from: number, to: number): number {
    let at = from
    // Some clients end a body with an empty line that belongs to nothing (RFC 9112 section 2.2).
    while (at + 1 < to && bytes[at] === CR && bytes[at + 1] === LF) at += 2
    if (at === to || (at + 1 === to && bytes[at] === CR)) return at
    const head = parseRequestHead(bytes, at, to, this.limits)
    if (head === undefined) {
      this.stage = IN_HEAD
      if (to - at > this.limits.headBytes) this.problem = headTooLarge(this.limits)
      return at
    }
    if (!head.ok) {
      this.problem = head
      return at
    }
    this.head = head
    at += head.bytes
    if (head.length === 0) {
      this.finish(NOTHING)
      return at
    }
    if (head.length > this.limits.bodyBytes) {
      this.problem = bodyTooLarge(this.limits)
      return at
    }
    this.stage = IN_BODY
    this.filled = 0
    if (head.length > 0) this.body = Buffer.allocUnsafeSlow(head.length)
    else this.chunks = new ChunkedBody()
    // Who has sent part of the body has not waited, and must not be answered twice.
    this.awaited = head.expects && at === to
    return at === to ? at : this.readBody(bytes, at, to)
  }

  private readBody(bytes: Buffer, from: number, to: number): number {
    if (this.chunks === undefined) {
      const end = Math.min(to, from + this.body.length - this.filled)
      bytes.copy(this.body, this.filled, from, end)
      this.filled += end - from
      if (this.filled === this.body.length) this.finish(this.body)
      return end
    }
    const used = this.chunks.read(bytes, from, to, this.take)
    if (used < 0) this.problem = BAD_CHUNK
    else if (this.filled > this.limits.bodyBytes) this.problem = bodyTooLarge(this.limits)
    else if (this.chunks.done) this.finish(this.body.subarray(0, this.filled))
    return used
  }

  private readonly take = (bytes: Buffer, from: number, to: number): void => {
    const filled = this.filled + to - from
    if (filled > this.body.length && filled <= this.limits.bodyBytes) {
      // One buffer that doubles, not a list of pieces: a piece may be a single byte.
      const size = Math.min(this.limits.bodyBytes, Math.max(filled * 2, FIRST_BYTES))
      const larger = Buffer.allocUnsafeSlow(size)
      this.body.copy(larger, 0, 0, this.filled)
      this.body = larger
    }
    if (filled <= this.body.length) bytes.copy(this.body, this.filled, from, to)
    this.filled = filled
  }

  private finish(body: Buffer): void {
    this.body = body
    this.whole = true
    this.stage = BETWEEN
  }
}

const bodyTooLarge = (limits: HttpLimits): HttpProblem =>
  problem(413, "body-too-large", `the request body is larger than the limit of ${limits.bodyBytes} bytes`)
