import * as Net from "node:net"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Handler } from "./Exchange.ts"
import { joinAddress, splitAddress } from "./HostPort.ts"
import type { HttpLimits } from "./HttpLimits.ts"
import { type ConnectionHost, ServerConnection } from "./ServerConnection.ts"
import type { Sweep } from "./Sweep.ts"

/** An HTTP port could not be opened. */
export class HttpListenError extends Data.TaggedError("HttpListenError")<{
  /** One line: the address, the cause, the remedy. */
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}

export interface HttpServerOptions {
  /** `host:port`; port 0 lets the system choose. */
  readonly listen: string
  readonly limits: HttpLimits
  readonly sweep: Sweep
  readonly handler: Handler
}

export interface HttpServer {
  /** Where it listens, `host:port`. */
  readonly address: string
  /** Requests that have arrived and are not answered yet. */
  readonly inFlight: () => number
  /** Client connections that are open. */
  readonly connections: () => number
  /** Done when no request is in flight; more may come afterwards. */
  readonly quiet: Effect.Effect<void>
}

/** How long the requests in flight have to end when the scope closes, in ms. */
const GRACE_MS = 5_000

/** Opens the port and serves it until the scope closes, which drains it first, for at most 5 s. */
export const serveHttp = (
  options: HttpServerOptions,
): Effect.Effect<HttpServer, HttpListenError, Scope.Scope> =>
  Effect.gen(function* () {
    const listener = new Listener(options)
    const address = yield* Effect.acquireRelease(listener.open(options.listen), () =>
      Effect.andThen(
        Effect.timeoutOption(listener.drain, GRACE_MS),
        Effect.sync(() => listener.close()),
      ),
    )
    return {
      address,
      inFlight: () => listener.inFlight,
      connections: () => listener.connections.size,
      quiet: listener.quiet,
    }
  })

class Listener implements ConnectionHost {
  readonly limits: HttpLimits
  readonly sweep: Sweep
  readonly handler: Handler
  readonly connections = new Set<ServerConnection>()
  draining = false
  inFlight = 0
  private readonly server: Net.Server
  private readonly waiting = new Set<() => void>()

  constructor(options: HttpServerOptions) {
    this.limits = options.limits
    this.sweep = options.sweep
    this.handler = options.handler
    this.server = Net.createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket) => {
      if (this.draining || this.connections.size >= this.limits.connections) socket.destroy()
      else this.connections.add(new ServerConnection(socket, this))
    })
  }

  open(listen: string): Effect.Effect<string, HttpListenError> {
    return Effect.callback<string, HttpListenError>((resume) => {
      const { host, port } = splitAddress(listen)
      this.server.once("error", (error: NodeJS.ErrnoException) =>
        resume(Effect.fail(new HttpListenError({ reason: whyNot(listen, error) }))),
      )
      this.server.listen({ host, port, backlog: 1_024 }, () => {
        this.server.removeAllListeners("error")
        // Out of file descriptors and the like: the connections that exist go on.
        this.server.on("error", () => undefined)
        const bound = this.server.address()
        resume(
          Effect.succeed(
            bound === null || typeof bound === "string" ? listen : joinAddress(bound.address, bound.port),
          ),
        )
      })
    })
  }

  readonly quiet: Effect.Effect<void> = Effect.callback<void>((resume) => {
    if (this.inFlight === 0) {
      resume(Effect.void)
      return undefined
    }
    const done = (): void => resume(Effect.void)
    this.waiting.add(done)
    return Effect.sync(() => this.waiting.delete(done))
  })

  /** Accepts nobody any more, and closes every connection after its present request. */
  readonly drain: Effect.Effect<void> = Effect.suspend(() => {
    this.draining = true
    this.server.close()
    for (const connection of this.connections) connection.close()
    return this.quiet
  })

  close(): void {
    for (const connection of this.connections) connection.destroy()
  }

  onRequest(): void {
    this.inFlight++
  }

  onAnswered(): void {
    this.inFlight--
    if (this.inFlight > 0 || this.waiting.size === 0) return
    for (const done of this.waiting) done()
    this.waiting.clear()
  }

  onClosed(connection: ServerConnection): void {
    this.connections.delete(connection)
  }
}

const whyNot = (listen: string, error: NodeJS.ErrnoException): string => {
  switch (error.code) {
    case "EADDRINUSE":
      return `cannot listen on ${listen}: another process does; stop it or choose another port`
    case "EACCES":
      return `cannot listen on ${listen}: not permitted; choose a port of 1024 or above`
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `cannot listen on ${listen}: this machine has no such address; give one of its own, or 0.0.0.0`
    default:
      return `cannot listen on ${listen}: ${error.message}`
  }
}
