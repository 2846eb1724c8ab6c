import { splitAddress } from "./HostPort.ts"
import type { HttpLimits } from "./HttpLimits.ts"
import type { ResponseHead } from "./ResponseHead.ts"
import type { Sweep } from "./Sweep.ts"
import type { UpstreamFailure, UpstreamRequest, UpstreamSink } from "./Upstream.ts"
import { UpstreamConnection, type UpstreamHost, type UpstreamTimes } from "./UpstreamConnection.ts"

export interface UpstreamPoolOptions {
  readonly limits: HttpLimits
  readonly times: UpstreamTimes
  readonly sweep: Sweep
  /** Requests at one address at a time. */
  readonly most: number
  /** Requests that may wait for one address. */
  readonly waiting: number
}

/** Connections to servers, kept alive and used again, so many per address and no more. */
export class UpstreamPool {
  private readonly options: UpstreamPoolOptions
  private readonly addresses = new Map<string, Address>()
  private closed = false

  constructor(options: UpstreamPoolOptions) {
    this.options = options
  }

  /** Sends `request` to `address` (`host:port`) as soon as there is room; `sink` hears of it only after this returns. */
  send(address: string, request: UpstreamRequest, sink: UpstreamSink): Attempt {
    let there = this.addresses.get(address)
    if (there === undefined) {
      there = new Address(address, this.options)
      this.addresses.set(address, there)
    }
    const attempt = new Attempt(request, sink, there)
    if (this.closed) later(attempt, { kind: "unsent", reason: `${address}: ${STOPPING}` })
    else there.enter(attempt)
    return attempt
  }

  /** Closes the idle connections to `address` and, once the others are over, forgets it. */
  forget(address: string): void {
    this.addresses.get(address)?.closeIdle()
    this.addresses.delete(address)
  }

  /** Connections open now, idle ones included. */
  connections(): number {
    let open = 0
    for (const address of this.addresses.values()) open += address.open.size
    return open
  }

  /** Closes all connections; requests in flight fail. */
  close(): void {
    this.closed = true
    for (const address of this.addresses.values()) address.close()
    this.addresses.clear()
  }
}

/** One request at one address: waiting, in flight, or over. */
export class Attempt implements UpstreamSink {
  private readonly request: UpstreamRequest
  private readonly sink: UpstreamSink
  private readonly address: Address
  private connection: UpstreamConnection | undefined
  private over = false
  private again = false
  /** It was sent on a connection that was then lost; what becomes of it on another cannot undo that. */
  private lost = false

  constructor(request: UpstreamRequest, sink: UpstreamSink, address: Address) {
    this.request = request
    this.sink = sink
    this.address = address
  }

  /** Something of the request may have reached the server. */
  get sent(): boolean {
    return this.lost || this.connection?.sent === true
  }

  /** Gives up; the sink hears no more. */
  cancel(): void {
    if (this.over) return
    this.over = true
    if (this.connection === undefined) this.address.leave(this)
    else this.connection.cancel()
  }

  pause(): void {
    this.connection?.pause()
  }

  resume(): void {
    this.connection?.resume()
  }

  /** Called by the address when it is this attempt's turn. */
  run(connection: UpstreamConnection): void {
    this.connection = connection
    connection.send(this.request, this)
  }

  onHead(head: ResponseHead): void {
    this.sink.onHead(head)
  }

  onBody(bytes: Buffer, from: number, to: number): void {
    this.sink.onBody(bytes, from, to)
  }

  onPause(): void {
    this.sink.onPause()
  }

  onEnd(): void {
    this.over = true
    this.sink.onEnd()
  }

  onFailure(failure: UpstreamFailure): void {
    if (this.over) return
    const connection = this.connection
    // A kept connection may have been closed by the server just before it was used: the usual race of keep-alive.
    if (
      connection?.used === true &&
      !connection.answered &&
      !this.again &&
      (failure.kind === "unsent" || (failure.kind === "lost" && this.request.idempotent))
    ) {
      this.again = true
      this.lost = failure.kind === "lost"
      this.connection = undefined
      this.address.renew(this)
      return
    }
    this.over = true
    this.sink.onFailure(this.lost && failure.kind === "unsent" ? { ...failure, kind: "lost" } : failure)
  }
}

const STOPPING = "this process is stopping"

const later = (attempt: Attempt, failure: UpstreamFailure): void =>
  queueMicrotask(() => attempt.onFailure(failure))

class Address implements UpstreamHost {
  readonly open = new Set<UpstreamConnection>()
  readonly limits: HttpLimits
  readonly times: UpstreamTimes
  readonly sweep: Sweep
  private readonly name: string
  private readonly host: string
  private readonly port: number
  private readonly options: UpstreamPoolOptions
  private readonly idle: Array<UpstreamConnection> = []
  private readonly queue = new Set<Attempt>()
  private forgotten = false

  constructor(name: string, options: UpstreamPoolOptions) {
    this.name = name
    this.options = options
    this.limits = options.limits
    this.times = options.times
    this.sweep = options.sweep
    const { host, port } = splitAddress(name)
    this.host = host
    this.port = port
  }

  enter(attempt: Attempt): void {
    const idle = this.idle.pop()
    if (idle !== undefined) attempt.run(idle)
    else if (this.open.size < this.options.most) this.renew(attempt)
    else if (this.queue.size < this.options.waiting) this.queue.add(attempt)
    else {
      const reason = `${this.name}: ${this.options.most} requests are there already and ${this.queue.size} wait`
      later(attempt, { kind: "busy", reason })
    }
  }

  leave(attempt: Attempt): void {
    this.queue.delete(attempt)
  }

  /** Runs `attempt` on a new connection. */
  renew(attempt: Attempt): void {
    const connection = new UpstreamConnection(this.name, this.host, this.port, this)
    this.open.add(connection)
    attempt.run(connection)
  }

  onFree(connection: UpstreamConnection): void {
    const next = this.first()
    if (next !== undefined) next.run(connection)
    else if (this.forgotten) connection.destroy()
    else this.idle.push(connection)
  }

  onClosed(connection: UpstreamConnection): void {
    this.open.delete(connection)
    const index = this.idle.indexOf(connection)
    if (index >= 0) this.idle.splice(index, 1)
    if (this.open.size >= this.options.most) return
    const next = this.first()
    if (next !== undefined) this.renew(next)
  }

  closeIdle(): void {
    this.forgotten = true
    for (const connection of this.idle.splice(0)) connection.destroy()
  }

  close(): void {
    for (const attempt of this.queue) later(attempt, { kind: "unsent", reason: `${this.name}: ${STOPPING}` })
    this.queue.clear()
    for (const connection of this.open) connection.close(STOPPING)
  }

  private first(): Attempt | undefined {
    for (const attempt of this.queue) {
      this.queue.delete(attempt)
      return attempt
    }
    return undefined
  }
}
