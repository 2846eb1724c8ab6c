import type { Socket } from "node:net"
import type { Exchange, Handler, Reply } from "./Exchange.ts"
import { LF } from "./Grammar.ts"
import { type Flushable, flushSoon } from "./FlushSoon.ts"
import type { HttpLimits } from "./HttpLimits.ts"
import { type HttpProblem, problem } from "./HttpProblem.ts"
import { localAnswer } from "./LocalAnswer.ts"
import { acceptSocket, unsentBytes } from "./ReadSocket.ts"
import { BETWEEN, IN_BODY, IN_HEAD, RequestReader } from "./RequestReader.ts"
import { CHUNKED, type Framing, NO_BODY, UNTIL_CLOSE } from "./ResponseHead.ts"
import type { Sweep, Swept } from "./Sweep.ts"

/** What a connection needs from the server it belongs to. */
export interface ConnectionHost {
  readonly limits: HttpLimits
  readonly sweep: Sweep
  readonly handler: Handler
  /** The server stops: every response is the last on its connection. */
  readonly draining: boolean
  onRequest(): void
  /** A request is answered, or its client is gone. */
  onAnswered(): void
  onClosed(connection: ServerConnection): void
}

/** Up to this size a piece is sent as one string with what goes before and after it: one system call. */
const SMALL_BYTES = 16_384

/** A request is read, or waited for. */
const READING = 0
/** A request is being answered. */
const BUSY = 1
/** An answer is written but the client has not taken it yet. */
const DRAINING = 2
/** Our side is closed; what still comes is read and dropped, since a reset would destroy our last words. */
const CLOSING = 3
const CLOSED = 4

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n"

/** One client's connection: reads requests one after the other, each whole, and writes their answers in order. */
export class ServerConnection implements Reply, Swept, Flushable {
  private readonly host: ConnectionHost
  private readonly socket: Socket
  private readonly remote: string
  private readonly reader: RequestReader
  private state = READING
  /** Received and not used yet. */
  private pending: Buffer | undefined
  private consuming = false
  private paused = false
  /** The client has closed its side. */
  private ended = false
  /** What the deadline is for. A connection begins as if within a head: one that says nothing is no use. */
  private stage = IN_HEAD
  private deadline: number
  private exchange: Exchange | undefined
  private out = ""
  private framing: Framing = NO_BODY
  /** `out` is the end of a response, to be sent soon; else it may still be taken back. */
  private due = false
  /** What comes before `out`: pieces too large to be joined to it. */
  private pieces: Array<string | Buffer> = []
  /** A request counts as in flight until its answer has left this process. */
  private counted = false
  /** The response in progress is the connection's last. */
  private last = false
  private stalledLength = 0
  private stalledAt = 0

  constructor(accepted: Socket, host: ConnectionHost) {
    this.host = host
    this.reader = new RequestReader(host.limits)
    this.remote = (accepted.remoteAddress ?? "").replace(/^::ffff:/, "")
    this.deadline = host.sweep.now() + host.limits.headMs
    const socket = acceptSocket(accepted, (bytes, length) => this.onBytes(bytes, length))
    this.socket = socket
    // An error is always followed by `close`, which says all that matters here.
    socket.on("error", () => undefined)
    socket.on("close", () => this.onClose())
    socket.on("end", () => this.onEnd())
    socket.on("drain", () => this.onDrain())
    socket.resume()
    host.sweep.add(this)
  }

  /** No request is being read or answered. */
  get idle(): boolean {
    return this.state === READING && this.pending === undefined && this.stage !== IN_BODY
  }

  /** Closes the connection once the answer in progress, if any, is sent. */
  close(): void {
    if (this.idle) this.finishSending()
  }

  destroy(): void {
    this.socket.destroy()
  }

  private onBytes(bytes: Buffer, length: number): boolean {
    if (this.state >= CLOSING) return true
    if (this.pending === undefined && this.state === READING) {
      this.consume(bytes, 0, length)
    } else {
      const fresh = bytes.subarray(0, length)
      const whole = this.pending === undefined ? Buffer.from(fresh) : Buffer.concat([this.pending, fresh])
      this.pending = whole
      // Without a line feed among what is new the head cannot be complete, so a trickle is not read again and again.
      if (this.state === READING && (fresh.includes(LF) || !this.fits(whole))) {
        this.pending = undefined
        this.consume(whole, 0, whole.length)
      }
    }
    this.paused = (this.state === BUSY || this.state === DRAINING) && !this.fits(this.pending)
    return !this.paused
  }

  private fits(bytes: Buffer | undefined): boolean {
    return bytes === undefined || bytes.length <= this.host.limits.headBytes
  }

  private consume(bytes: Buffer, from: number, to: number): void {
    const { reader } = this
    this.consuming = true
    let at = from
    while (at < to && this.state === READING) {
      at = reader.read(bytes, at, to)
      if (reader.problem !== undefined) this.refuse(reader.problem)
      else if (reader.whole) this.dispatch()
      else break
    }
    this.consuming = false
    if (this.state >= CLOSING) return
    if (at < to) this.pending = Buffer.from(bytes.subarray(at, to))
    if (this.state !== READING) return
    if (reader.awaited) {
      this.out += CONTINUE
      this.flush()
    }
    reader.awaited = false
    this.timeStage()
    if (this.ended) this.finishSending()
  }

  /** The time of a head or body runs from its first byte, however often more of it comes. */
  private timeStage(): void {
    const { stage } = this.reader
    if (stage === this.stage) return
    if (stage === IN_HEAD) this.await(this.host.limits.headMs)
    else if (stage === IN_BODY) this.await(this.host.limits.bodyMs)
    this.stage = stage
  }

  private await(ms: number): void {
    this.deadline = this.host.sweep.now() + ms
  }

  private dispatch(): void {
    const { head, body } = this.reader
    if (head === undefined) return
    // The response before this one, to a client that sends requests in a row. Its last piece may be one of `pieces`.
    if (this.due) this.flush()
    this.state = BUSY
    this.stage = BETWEEN
    this.deadline = Number.POSITIVE_INFINITY
    const { close, keepAlive } = head.connection
    this.last = close || (head.minor === 0 && !keepAlive)
    this.counted = true
    this.host.onRequest()
    const exchange = this.host.handler({ head, body, remote: this.remote }, this)
    // As long as bytes are being consumed no further request is begun, so a busy connection is busy with this one.
    if (this.state === BUSY) this.exchange = exchange
  }

  start(head: string, framing: Framing): void {
    const old = this.reader.head?.minor === 0
    // What was begun before, if anything, has not been sent and is taken back.
    this.pieces = []
    this.out = head
    this.framing = framing
    if (framing === CHUNKED || framing === UNTIL_CLOSE) {
      // Whether the client can be told the end depends on the client, not on how the end is known here.
      this.framing = old ? UNTIL_CLOSE : CHUNKED
      if (old) this.last = true
      else this.out += "Transfer-Encoding: chunked\r\n"
    }
    if (this.host.draining) this.last = true
    this.out += this.last ? "Connection: close\r\n\r\n" : old ? "Connection: keep-alive\r\n\r\n" : "\r\n"
  }

  write(bytes: Buffer, from: number, to: number): void {
    const length = to - from
    if (length === 0) return
    const chunked = this.framing === CHUNKED
    if (chunked) this.out += `${length.toString(16)}\r\n`
    if (length <= SMALL_BYTES) {
      this.out += bytes.toString("latin1", from, to)
    } else {
      this.pieces.push(this.out, Buffer.from(bytes.subarray(from, to)))
      this.out = ""
    }
    if (chunked) this.out += "\r\n"
  }

  flush(): boolean {
    const { out, pieces, socket } = this
    if (pieces.length > 0) {
      this.pieces = []
      socket.cork()
      for (const piece of pieces) socket.write(piece, "latin1")
      socket.write(out, "latin1")
      socket.uncork()
    } else if (out !== "") {
      socket.write(out, "latin1")
    }
    this.out = ""
    this.due = false
    return !socket.writableNeedDrain
  }

  onFlush(): void {
    if (this.due && this.state < CLOSING) this.flush()
  }

  end(): void {
    if (this.framing === CHUNKED) this.out += "0\r\n\r\n"
    this.due = true
    flushSoon(this)
    this.finish()
  }

  answer(status: number, code: string, reason: string, lines?: string): void {
    const answer = localAnswer(status, code, reason, lines)
    const bodiless = this.reader.head?.method === "HEAD"
    this.start(answer.head, bodiless ? NO_BODY : answer.body.length)
    if (!bodiless) this.out += answer.body
    this.end()
  }

  abort(): void {
    this.exchange = undefined
    this.socket.destroy()
  }

  private finish(): void {
    this.exchange = undefined
    if (this.last || this.host.draining) this.finishSending()
    else if (this.socket.writableNeedDrain) this.state = DRAINING
    else this.next()
  }

  private uncount(): void {
    if (!this.counted) return
    this.counted = false
    this.host.onAnswered()
  }

  private next(): void {
    this.uncount()
    if (this.host.draining) {
      this.finishSending()
      return
    }
    this.state = READING
    this.deadline = this.host.sweep.coarse + this.host.limits.idleMs
    if (this.consuming) return
    const { pending } = this
    if (pending !== undefined) {
      this.pending = undefined
      this.consume(pending, 0, pending.length)
    } else if (this.ended) {
      this.finishSending()
    }
    if (this.paused && this.state === READING) {
      this.paused = false
      this.socket.resume()
    }
  }

  /** Answers a request that cannot be served, after which the connection's framing is not to be trusted. */
  private refuse(why: HttpProblem): void {
    const answer = localAnswer(why.status, why.code, why.reason, "Connection: close\r\n")
    const body = this.reader.head?.method === "HEAD" ? "" : answer.body
    this.out += `${answer.head}\r\n${body}`
    this.finishSending()
  }

  private finishSending(): void {
    this.flush()
    this.state = CLOSING
    this.pending = undefined
    this.deadline = Number.POSITIVE_INFINITY
    this.socket.end(() => {
      this.uncount()
      this.await(this.host.limits.lingerMs)
    })
    if (this.paused) {
      this.paused = false
      this.socket.resume()
    }
  }

  private onDrain(): void {
    if (this.state === DRAINING) this.next()
    else if (this.state === BUSY) this.exchange?.onDrain()
  }

  private onEnd(): void {
    this.ended = true
    if (this.state === READING) this.finishSending()
  }

  private onClose(): void {
    const busy = this.state === BUSY
    this.state = CLOSED
    this.host.sweep.delete(this)
    const { exchange } = this
    this.exchange = undefined
    this.pending = undefined
    this.uncount()
    if (busy) exchange?.onGone()
    this.host.onClosed(this)
  }

  onTick(now: number): void {
    if (this.state === BUSY) this.exchange?.onTick(now)
    const unsent = unsentBytes(this.socket)
    // Who is still taking the answer before is not idle.
    if (unsent > 0 && this.state === READING && this.stage === BETWEEN) this.await(this.host.limits.idleMs)
    if (now > this.deadline) this.onLate()
    else this.watchStall(now, unsent)
  }

  private onLate(): void {
    if (this.state === READING && this.stage === IN_BODY) this.refuse(LATE_BODY)
    else if (this.state === READING && this.pending !== undefined) this.refuse(LATE_HEAD)
    else this.socket.destroy()
  }

  /** Cuts off a client that takes nothing of what is sent to it. */
  private watchStall(now: number, unsent: number): void {
    if (unsent === 0) {
      this.stalledAt = 0
    } else if (this.stalledAt === 0 || unsent !== this.stalledLength) {
      this.stalledAt = now
      this.stalledLength = unsent
    } else if (now - this.stalledAt > this.host.limits.stallMs) {
      this.socket.destroy()
    }
  }
}

const LATE_HEAD = problem(408, "slow-head", "the request's head did not arrive in time; send it at once")
const LATE_BODY = problem(
  408,
  "slow-body",
  "the request's body did not arrive in time; send it faster or in parts",
)
