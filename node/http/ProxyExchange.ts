import type { Exchange, Reply } from "./Exchange.ts"
import { keptLines } from "./FieldLines.ts"
import { CONTENT_LENGTH, EXPECT, HOP_BY_HOP, HOST, RINGSTEAD } from "./FieldKind.ts"
import type { RequestHead } from "./RequestHead.ts"
import type { ResponseHead } from "./ResponseHead.ts"
import type { UpstreamFailure, UpstreamRequest, UpstreamSink } from "./Upstream.ts"
import type { Attempt, UpstreamPool } from "./UpstreamPool.ts"

/** Waiting for a response; passing one on; reading one that is not passed on; over. */
type Stage = "waiting" | "relaying" | "skipping" | "over"

/** For how long a response that is not whole is held back. */
export interface Holding {
  /** How much of it at most, in bytes of its body. */
  readonly bytes: number
  readonly ticks: number
}

const HOLDING: Holding = { bytes: 262_144, ticks: 4 }

/**
 * One request on its way through a proxy: the upstream's response is passed on to the client as it arrives, as fast
 * as the client takes it. It is held back for a moment first, until it is whole, or too long or too old for that: an
 * upstream that dies in the middle of a short response has then said nothing yet, and the request can be tried
 * again. What is done about responses that are not for the client and about failures is up to the subclass.
 */
export abstract class ProxyExchange implements Exchange, UpstreamSink {
  protected readonly reply: Reply
  private readonly pool: UpstreamPool
  private readonly holding: Holding
  private stage: Stage = "waiting"
  private attempt: Attempt | undefined
  private paused = false
  private held = true
  private heldBytes = 0
  private heldTicks = 0

  constructor(reply: Reply, pool: UpstreamPool, holding = HOLDING) {
    this.reply = reply
    this.pool = pool
    this.holding = holding
  }

  /** A response has begun: its head for the client (as Reply.start takes it), or undefined to keep it from the client. */
  protected abstract translate(head: ResponseHead): string | undefined

  /** A response that was kept from the client is over. */
  protected abstract onSkipped(): void

  /** No whole response came, and the client has heard nothing yet. */
  protected abstract onLost(failure: UpstreamFailure): void

  /** Called every few tens of ms while the client waits and has heard nothing yet. */
  protected abstract onWait(now: number): void

  onTick(now: number): void {
    if (this.unanswered) this.onWait(now)
    else if (this.stage === "relaying" && this.held && ++this.heldTicks >= this.holding.ticks) this.release()
  }

  /** Whether the client waits and has heard nothing yet. */
  protected get unanswered(): boolean {
    return this.stage === "waiting" || this.stage === "skipping"
  }

  /** Whether an attempt is under way without any response so far. */
  protected get silent(): boolean {
    return this.stage === "waiting" && this.attempt !== undefined
  }

  /** Whether some of the present attempt may have reached the upstream. */
  protected get sent(): boolean {
    return this.attempt?.sent === true
  }

  /** Tries at `address`; any earlier attempt must be over or given up. */
  protected send(address: string, request: UpstreamRequest): void {
    this.stage = "waiting"
    this.attempt = this.pool.send(address, request, this)
  }

  protected giveUp(): void {
    this.attempt?.cancel()
    this.attempt = undefined
    this.stage = "waiting"
  }

  /** Answers the client ourselves, once; parameters of localAnswer. */
  protected answer(status: number, code: string, reason: string, lines?: string): void {
    this.giveUp()
    this.stage = "over"
    this.reply.answer(status, code, reason, lines)
  }

  onHead(head: ResponseHead): void {
    const translated = this.translate(head)
    if (translated === undefined) {
      this.stage = "skipping"
      return
    }
    this.stage = "relaying"
    this.held = true
    this.heldBytes = 0
    this.heldTicks = 0
    this.reply.start(translated, head.framing)
  }

  onBody(bytes: Buffer, from: number, to: number): void {
    if (this.stage !== "relaying") return
    this.heldBytes += to - from
    this.reply.write(bytes, from, to)
  }

  onPause(): void {
    if (this.stage !== "relaying" || (this.held && this.heldBytes <= this.holding.bytes)) return
    this.release()
  }

  private release(): void {
    this.held = false
    if (this.reply.flush()) return
    this.paused = true
    this.attempt?.pause()
  }

  onEnd(): void {
    const skipped = this.stage === "skipping"
    this.attempt = undefined
    if (skipped) {
      this.stage = "waiting"
      this.onSkipped()
    } else {
      this.stage = "over"
      this.reply.end()
    }
  }

  onFailure(failure: UpstreamFailure): void {
    this.attempt = undefined
    if (this.stage === "relaying" && !this.held) {
      this.stage = "over"
      this.reply.abort()
    } else if (this.stage === "relaying") {
      this.stage = "waiting"
      this.onLost(failure)
    } else if (this.stage === "skipping") {
      this.stage = "waiting"
      this.onSkipped()
    } else if (this.stage === "waiting") {
      this.onLost(failure)
    }
  }

  onDrain(): void {
    if (!this.paused) return
    this.paused = false
    this.attempt?.resume()
  }

  onGone(): void {
    this.giveUp()
    this.stage = "over"
  }
}

/**
 * The first line and the fields of a request to pass on, each ending in CR LF, without what concerns one connection
 * only, without `dropped`, and with the body's length as it is now.
 *
 * @param bodyBytes length of the body, its chunk framing taken off.
 * @param host what to name as Host when the client named none (HTTP/1.0).
 */
export const requestLines = (head: RequestHead, bodyBytes: number, dropped: number, host: string): string => {
  // An expectation has been met here: the body is complete.
  const gone = HOP_BY_HOP | CONTENT_LENGTH | EXPECT | dropped
  const { named } = head.connection
  const lines = head.asWritten
    ? keptLines(head, 0, gone, named)
    : `${head.method} ${head.target} HTTP/1.1\r\nHost: ${head.host === "" ? host : head.host}\r\n` +
      keptLines(head, head.start, gone | HOST, named)
  return head.framed || bodyBytes > 0 ? `${lines}Content-Length: ${bodyBytes}\r\n` : lines
}

/**
 * The status line and the fields of a response to pass on, each ending in CR LF, without what concerns one connection
 * only and without `dropped`.
 */
export const responseLines = (head: ResponseHead, dropped = RINGSTEAD): string => {
  // A length that frames nothing here would be taken at its word by the client.
  const noLength = head.status === 204 || (head.repeated & CONTENT_LENGTH) !== 0 ? CONTENT_LENGTH : 0
  const modern = head.text.charCodeAt(7) === 0x31
  const kept = keptLines(
    head,
    modern ? 0 : head.start,
    HOP_BY_HOP | noLength | dropped,
    head.connection.named,
  )
  const lines = modern ? kept : `HTTP/1.1${head.text.slice(8, head.start)}${kept}`
  return noLength !== 0 && head.framing >= 0 ? `${lines}Content-Length: ${head.framing}\r\n` : lines
}
