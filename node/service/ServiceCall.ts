import { type FieldLines, valuesNamed } from "../http/FieldLines.ts"
import { type Framing, NO_BODY, type ResponseHead, UNTIL_CLOSE } from "../http/ResponseHead.ts"
import type { UpstreamFailure, UpstreamRequest, UpstreamSink } from "../http/Upstream.ts"
import type { Attempt, UpstreamPool } from "../http/UpstreamPool.ts"

/** How a service met one request. */
export type Ending =
  /** It answered. `byClosing`: its body ended with the connection, as it also does when the service dies. */
  | {
      readonly type: "whole"
      readonly head: ResponseHead
      readonly body: Buffer
      readonly byClosing: boolean
    }
  /** It answered with what cannot be kept, and the connection was cut: why, for the client. */
  | { readonly type: "unfit"; readonly status: number; readonly code: string; readonly reason: string }
  /** No answer has begun in time, and the connection was cut. */
  | { readonly type: "silent" }
  /** The connection ended before the answer did. `sent`: the service may have seen the request. */
  | { readonly type: "broken"; readonly sent: boolean }

export interface CallLimits {
  /** Until an answer begins, and again until it is whole; in ms. */
  readonly answerMs: number
  /** An answer that has begun and of which nothing comes for so long is a stream; in ms. */
  readonly quietMs: number
  /** Of an answer's body, in bytes. */
  readonly responseLimit: number
}

/** One request at the service, whose answer is collected whole. Calls `end` once, unless it is cancelled. */
export class ServiceCall implements UpstreamSink {
  private readonly limits: CallLimits
  private readonly end: (ending: Ending) => void
  private readonly attempt: Attempt
  private over = false
  /** When the request had left, and when the last of the answer came; both as of the tick after. */
  private sentAt: number | undefined
  private heardAt: number | undefined
  private heard = true
  private head: ResponseHead | undefined
  private first: Buffer | undefined
  private rest: Array<Buffer> | undefined
  private length = 0

  constructor(
    pool: UpstreamPool,
    address: string,
    request: UpstreamRequest,
    limits: CallLimits,
    end: (ending: Ending) => void,
  ) {
    this.limits = limits
    this.end = end
    this.attempt = pool.send(address, request, this)
  }

  /** Called every few tens of ms. */
  onTick(now: number): void {
    if (this.sentAt === undefined) {
      if (this.attempt.sent) this.sentAt = now
      return
    }
    const { answerMs, quietMs } = this.limits
    if (this.heard) this.heardAt = now
    this.heard = false
    const late = now - this.sentAt > answerMs
    if (this.head === undefined) {
      if (late) this.cut({ type: "silent" })
    } else if (now - (this.heardAt ?? now) > quietMs) {
      this.cut(stream(`nothing of it came for ${quietMs} ms`))
    } else if (late) this.cut(stream(`it was not over in ${answerMs} ms`))
  }

  /** Gives up; `end` is not called any more. */
  cancel(): void {
    this.over = true
    this.attempt.cancel()
  }

  onHead(head: ResponseHead): void {
    this.head = head
    this.heard = true
    const { responseLimit } = this.limits
    if (head.framing === NO_BODY) return
    if (isEventStream(head)) this.cut(stream("it is a text/event-stream"))
    else if (head.framing > responseLimit) this.cut(tooLarge(responseLimit, head.framing))
  }

  onBody(bytes: Buffer, from: number, to: number): void {
    if (this.over) return
    this.heard = true
    this.length += to - from
    if (this.length > this.limits.responseLimit) {
      this.cut(tooLarge(this.limits.responseLimit, this.head?.framing ?? UNTIL_CLOSE))
      return
    }
    // The bytes are the reader's own buffer.
    const piece = Buffer.from(bytes.subarray(from, to))
    if (this.first === undefined) this.first = piece
    else if (this.rest === undefined) this.rest = [piece]
    else this.rest.push(piece)
  }

  onPause(): void {
    // Nobody is passed the parts.
  }

  onEnd(): void {
    const { first, head, rest } = this
    if (this.over || head === undefined) return
    this.over = true
    const body = first === undefined ? NOTHING : rest === undefined ? first : Buffer.concat([first, ...rest])
    this.end({ type: "whole", head, body, byClosing: head.framing === UNTIL_CLOSE })
  }

  onFailure(failure: UpstreamFailure): void {
    if (this.over) return
    this.over = true
    if (failure.kind === "garbage") {
      const reason = `the service's answer is not valid HTTP/1.1 (${failure.reason})`
      this.end({ type: "unfit", status: 502, code: "service-garbage", reason })
    } else this.end({ type: "broken", sent: failure.kind === "lost" })
  }

  private cut(ending: Ending): void {
    if (this.over) return
    this.cancel()
    this.end(ending)
  }
}

const NOTHING = Buffer.alloc(0)

const isEventStream = (lines: FieldLines): boolean =>
  valuesNamed(lines, "content-type").some((value) => /^text\/event-stream\b/i.test(value))

const stream = (why: string): Ending => ({
  type: "unfit",
  status: 501,
  code: "service-streams",
  reason: `the service streams its answer (${why}); an answer must be whole before it is journaled`,
})

const tooLarge = (limit: number, framing: Framing): Ending => ({
  type: "unfit",
  status: 502,
  code: "service-too-large",
  reason: `the service's answer ${framing >= 0 ? `of ${framing} bytes ` : ""}is larger than the limit of ${limit} bytes`,
})
