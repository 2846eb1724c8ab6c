import type { Socket } from "node:net"
import { ChunkedBody } from "./ChunkedBody.ts"
import { type Flushable, flushSoon } from "./FlushSoon.ts"
import type { HttpLimits } from "./HttpLimits.ts"
import { connectSocket } from "./ReadSocket.ts"
import { headTooLarge } from "./FieldLines.ts"
import { CHUNKED, parseResponseHead, type ResponseHead, UNTIL_CLOSE } from "./ResponseHead.ts"
import type { Sweep, Swept } from "./Sweep.ts"
import type { UpstreamFailure, UpstreamRequest, UpstreamSink } from "./Upstream.ts"

/** Times of a connection to a server, in ms. */
export interface UpstreamTimes {
  /** Until a connection is established. */
  readonly connectMs: number
  /** How long it is kept without a request: less than the server keeps it, or requests run into its closing. */
  readonly idleMs: number
  /** Silence within a response's body, unless the reader is what it waits for. */
  readonly silentMs: number
}

/** What a connection tells the pool it belongs to. */
export interface UpstreamHost {
  readonly limits: HttpLimits
  readonly times: UpstreamTimes
  readonly sweep: Sweep
  /** The response is over and the connection can carry another request. */
  onFree(connection: UpstreamConnection): void
  /** The connection carries nothing any more. */
  onClosed(connection: UpstreamConnection): void
}

/** Up to this size request and body are sent as one string. */
const SMALL_BYTES = 16_384

/** Connection states, in order. */
const IDLE = 0
const HEAD = 1
const LENGTH = 2
const CHUNKS = 3
const CLOSE = 4
const DEAD = 5

/** One connection to a server: carries one request at a time and hands its response over as it arrives. */
export class UpstreamConnection implements Swept, Flushable {
  readonly address: string
  /** It has carried a request before the present one. */
  used = false
  /** Bytes of the present response have arrived. */
  answered = false
  private readonly host: UpstreamHost
  private readonly socket: Socket
  private connected = false
  /** The present request, until it is written. */
  private unwritten: UpstreamRequest | undefined
  private state = IDLE
  private sink: UpstreamSink | undefined
  private method = ""
  private head: ResponseHead | undefined
  private pending: Buffer | undefined
  private left = 0
  private chunks: ChunkedBody | undefined
  private paused = false
  private deadline: number
  private cause = "it closed the connection"

  constructor(address: string, host: string, port: number, owner: UpstreamHost) {
    this.address = address
    this.host = owner
    this.deadline = owner.sweep.now() + owner.times.connectMs
    const socket = connectSocket(host, port, (bytes, length) => this.onBytes(bytes, length))
    this.socket = socket
    socket.on("connect", () => {
      this.connected = true
      this.deadline = Number.POSITIVE_INFINITY
    })
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.cause = error.code === "ECONNREFUSED" ? "nobody listens there" : (error.code ?? error.message)
    })
    socket.on("end", () => this.onEnd())
    socket.on("close", () => this.lose(this.cause))
    owner.sweep.add(this)
  }

  /** Sends a request and hands its response to `sink`. Only when the connection is free. */
  send(request: UpstreamRequest, sink: UpstreamSink): void {
    this.sink = sink
    this.method = request.method
    this.answered = false
    this.state = HEAD
    if (this.connected) this.deadline = Number.POSITIVE_INFINITY
    this.unwritten = request
    flushSoon(this)
  }

  /** Some of the present request may have reached the server. */
  get sent(): boolean {
    return this.connected && this.unwritten === undefined
  }

  onFlush(): void {
    if (this.unwritten === undefined || this.state === DEAD) return
    const { head, body } = this.unwritten
    this.unwritten = undefined
    if (body.length === 0) {
      this.socket.write(head, "latin1")
    } else if (body.length <= SMALL_BYTES) {
      this.socket.write(head + body.toString("latin1"), "latin1")
    } else {
      this.socket.cork()
      this.socket.write(head, "latin1")
      this.socket.write(body)
      this.socket.uncork()
    }
  }

  /** Gives up the present request, and with it the connection. */
  cancel(): void {
    this.sink = undefined
    this.destroy()
  }

  destroy(): void {
    if (this.state === DEAD) return
    this.state = DEAD
    this.socket.destroy()
    this.host.sweep.delete(this)
    this.host.onClosed(this)
  }

  /** Ends the present request as lost. */
  close(cause: string): void {
    this.lose(cause)
  }

  pause(): void {
    this.paused = true
    this.deadline = Number.POSITIVE_INFINITY
    this.socket.pause()
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.listen()
    this.socket.resume()
  }

  private listen(): void {
    this.deadline = this.host.sweep.coarse + this.host.times.silentMs
  }

  private onBytes(received: Buffer, length: number): boolean {
    if (this.unwritten !== undefined) {
      // It cannot be the answer to a request that has not been sent.
      this.lose("it spoke before it was asked")
      return true
    }
    let bytes = received
    let to = length
    if (this.pending !== undefined) {
      bytes = Buffer.concat([this.pending, received.subarray(0, length)])
      to = bytes.length
      this.pending = undefined
    }
    this.answered = true
    let at = 0
    while (at < to && this.state !== DEAD) {
      const used = this.state <= HEAD ? this.readHead(bytes, at, to) : this.readBody(bytes, at, to)
      if (used < 0) break
      at = used
    }
    if (this.state >= LENGTH && this.state < DEAD) {
      if (!this.paused) this.listen()
      this.sink?.onPause()
    }
    return !this.paused
  }

  private readHead(bytes: Buffer, from: number, to: number): number {
    if (this.state === IDLE) {
      // Nothing was asked: some servers say 408 before they close. Nothing that follows can be trusted either.
      this.destroy()
      return -1
    }
    const head = parseResponseHead(bytes, from, to, this.host.limits, this.method)
    if (head === undefined) {
      if (to - from > this.host.limits.headBytes) this.fail("garbage", headTooLarge(this.host.limits).reason)
      else this.pending = Buffer.from(bytes.subarray(from, to))
      return -1
    }
    if (!head.ok) {
      this.fail("garbage", head.reason)
      return -1
    }
    const at = from + head.bytes
    if (head.status < 200) {
      // Interim answers are for us: nothing we sent asked for 101, and 100 was answered here already.
      if (head.status === 101) this.fail("garbage", "it switches protocols though nobody asked")
      return this.sink === undefined ? -1 : at
    }
    this.head = head
    this.left = head.framing
    this.state = head.framing === CHUNKED ? CHUNKS : head.framing === UNTIL_CLOSE ? CLOSE : LENGTH
    if (head.framing === CHUNKED) this.chunks = new ChunkedBody()
    this.sink?.onHead(head)
    if (this.state === LENGTH && head.framing <= 0) this.complete(at === to)
    return at
  }

  private readBody(bytes: Buffer, from: number, to: number): number {
    if (this.state === CHUNKS) {
      const used = this.chunks?.read(bytes, from, to, this.takeBytes) ?? -1
      if (used < 0) this.fail("garbage", "the chunked body is malformed")
      else if (this.chunks?.done === true) this.complete(used === to)
      return used
    }
    const end = this.state === CLOSE ? to : Math.min(to, from + this.left)
    this.left -= end - from
    this.sink?.onBody(bytes, from, end)
    if (this.state === LENGTH && this.left === 0) this.complete(end === to)
    return end
  }

  private readonly takeBytes = (bytes: Buffer, from: number, to: number): void => {
    this.sink?.onBody(bytes, from, to)
  }

  /** @param clean nothing follows the response: bytes that do belong to no request. */
  private complete(clean: boolean): void {
    const { sink, head } = this
    if (sink === undefined) return
    this.sink = undefined
    this.head = undefined
    this.chunks = undefined
    // A server may answer before it has read the whole request; then the rest of it is still on its way.
    if (clean && head?.reusable === true && this.socket.writableLength === 0 && !this.paused) {
      this.state = IDLE
      this.used = true
      const { coarse } = this.host.sweep
      const { idleMs } = this.host.times
      const seconds = head.keepAliveSeconds
      this.deadline =
        coarse + (seconds === undefined ? idleMs : Math.min(idleMs, Math.max(0, seconds * 1_000 - 1_000)))
      this.host.onFree(this)
    } else {
      this.destroy()
    }
    sink.onEnd()
  }

  private onEnd(): void {
    if (this.state === CLOSE) this.complete(false)
    else this.lose(this.cause)
  }

  private lose(cause: string): void {
    this.fail(this.sent ? "lost" : "unsent", cause)
  }

  private fail(kind: UpstreamFailure["kind"], cause: string): void {
    const { sink } = this
    this.sink = undefined
    this.destroy()
    sink?.onFailure({ kind, reason: `${this.address}: ${cause}` })
  }

  onTick(now: number): void {
    if (now <= this.deadline) return
    if (!this.connected) this.fail("unsent", `no connection within ${this.host.times.connectMs} ms`)
    else if (this.state === IDLE) this.destroy()
    else this.fail("lost", `it fell silent for ${this.host.times.silentMs} ms within its response`)
  }
}
