import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { Genesis } from "../../core/peer/Genesis.ts"
import type { Leadership } from "../../core/peer/Leadership.ts"
import type { Exchange, HttpRequest, Reply } from "../http/Exchange.ts"
import { valuesOf } from "../http/FieldLines.ts"
import { RINGSTEAD, RINGSTEAD_CLIENT, RINGSTEAD_REQUEST } from "../http/FieldKind.ts"
import { isIdempotent } from "../http/Grammar.ts"
import { joinAddress } from "../http/HostPort.ts"
import { defaultLimits, withRoom } from "../http/HttpLimits.ts"
import { type HttpListenError, serveHttp } from "../http/HttpServer.ts"
import { ProxyExchange, requestLines, responseLines } from "../http/ProxyExchange.ts"
import type { ResponseHead } from "../http/ResponseHead.ts"
import { Sweep } from "../http/Sweep.ts"
import type { UpstreamFailure, UpstreamRequest } from "../http/Upstream.ts"
import { UpstreamPool } from "../http/UpstreamPool.ts"
import type { ProcessEvent } from "../log/ProcessEvent.ts"
import { type Journal, type JournaledContext, JournaledExchange } from "./JournaledExchange.ts"
import { leaderLine, NO_INSTANCE, NOT_LEADER, readClient, readRequest, whyNotClient } from "./PeerHeaders.ts"

/** How an ingress is set up. */
export interface IngressOptions {
  /** `host:port` to listen on; port 0 lets the system choose. */
  readonly listen: string
  readonly self: Pick<Contact, "name">
  readonly genesis: Pick<Genesis, "cells" | "hash">
  /**
   * Takes every request in the mode replay; it decides who leads, runs the service and keeps the times. Null, the
   * default, in the mode stateless, which is what the five options after this are for.
   */
  readonly journal?: Journal | null
  /** Whether this peer leads a cell now, and who does if not. Asked for every request; only reads. */
  readonly leadership: (cell: number) => Leadership
  /** Where the service instance answers; null unless it is ready. Asked for every request; only reads. */
  readonly upstream: () => { readonly host: string; readonly port: number } | null
  /** How long the service may take to begin its answer to a request, in ms. */
  readonly answerMs: number
  /** How long a request waits for a service instance that is not ready, in ms; 1,000 by default. */
  readonly instanceMs?: number
  /** The service gave no answer within `answerMs`. */
  readonly onHang: () => void
  /** Largest request body, in bytes. */
  readonly bodyLimit: number
  readonly emit: (event: ProcessEvent) => void
}

/** A peer's HTTP ingress. */
export interface Ingress {
  /** Where it listens, `host:port`. */
  readonly address: string
  /** Requests accepted and not answered yet. */
  readonly inFlight: () => number
  /** Done when no request is in flight. More may come afterwards: it goes on listening until the scope closes. */
  readonly drained: Effect.Effect<void>
}

const INSTANCE_MS = 1_000
/** Requests at the service at a time, and waiting for it. Services queue by themselves; this only bounds memory. */
const MOST = 1_024
const WAITING = 4_096
/** Services commonly close after 5 s (node's default); some say so, most do not. */
const IDLE_MS = 4_000
const TICK_MS = 25

/** Opens the peer's HTTP ingress and serves it until the scope closes; requests in flight then have 5 s to end. */
export const runIngress = Effect.fn("runIngress")(function* (
  options: IngressOptions,
): Effect.fn.Return<Ingress, HttpListenError, Scope.Scope> {
  const sweep = new Sweep(TICK_MS)
  const limits = { ...defaultLimits, bodyBytes: options.bodyLimit }
  const pool = yield* Effect.acquireRelease(
    Effect.sync(
      () =>
        new UpstreamPool({
          limits,
          sweep,
          // The service's silence before its answer is the exchange's to judge, and within it no business of ours.
          times: { connectMs: 1_000, idleMs: IDLE_MS, silentMs: Number.POSITIVE_INFINITY },
          most: MOST,
          waiting: WAITING,
        }),
    ),
    (made) => Effect.sync(() => made.close()),
  )
  const hash = makeHasher(options.genesis.hash)
  const peerLine = `Ringstead-Peer: ${options.self.name}\r\n`
  let warned = false
  const context: Context = {
    options,
    pool,
    sweep,
    peerLine,
    instanceMs: options.instanceMs ?? INSTANCE_MS,
    warnGarbage: (reason) => {
      // Such a service does it again and again; the clients hear of it each time, the operator once.
      if (!warned)
        options.emit({ type: "warning", reason: `the service's answer is not valid HTTP/1.1 (${reason})` })
      warned = true
    },
  }

  const journaled: JournaledContext | undefined =
    options.journal === undefined || options.journal === null
      ? undefined
      : { journal: options.journal, self: options.self.name, peerLine, host: options.listen }

  const handler = (request: HttpRequest, reply: Reply): Exchange | undefined => {
    const refuse = (status: number, code: string, reason: string, lines = ""): undefined => {
      reply.answer(status, code, reason, peerLine + lines)
      return undefined
    }
    const client = clientOf(valuesOf(request.head, RINGSTEAD_CLIENT))
    if (!client.ok) return refuse(400, "no-client", client.reason)
    const cell = hash.cell(client.name, options.genesis.cells)
    if (journaled !== undefined) {
      const [value, second] = valuesOf(request.head, RINGSTEAD_REQUEST)
      const id = value === undefined || second !== undefined ? undefined : readRequest(value)
      if (id === undefined) return refuse(400, "no-request", "Ringstead-Request must be one id of a request")
      return new JournaledExchange(journaled, reply, request.head.method, cell).begin(
        client.name,
        id,
        request,
      )
    }
    const { leads, hint } = options.leadership(cell)
    if (leads) return new IngressExchange(context, request, reply).begin()
    return refuse(
      421,
      NOT_LEADER,
      `${options.self.name} does not lead cell ${cell}; ${hint === null ? "ask the ring who does" : `${hint.name} does`}`,
      hint === null ? "" : leaderLine(hint),
    )
  }
  const server = yield* serveHttp({ listen: options.listen, limits: withRoom(limits), sweep, handler })
  return { address: server.address, inFlight: server.inFlight, drained: server.quiet }
})

const clientOf = (
  values: ReadonlyArray<string>,
): { readonly ok: true; readonly name: string } | { readonly ok: false; readonly reason: string } => {
  const [value, second] = values
  if (value === undefined) return { ok: false, reason: "this is a peer; send requests to a dispatcher" }
  const name = second === undefined ? readClient(value) : undefined
  if (name === undefined) return { ok: false, reason: "Ringstead-Client must be one percent-encoded name" }
  const reason = whyNotClient(name)
  return reason === undefined ? { ok: true, name } : { ok: false, reason }
}

interface Context {
  readonly options: IngressOptions
  readonly pool: UpstreamPool
  readonly sweep: Sweep
  readonly peerLine: string
  readonly instanceMs: number
  readonly warnGarbage: (reason: string) => void
}

/** One request on its way to the peer's own service instance and back. */
class IngressExchange extends ProxyExchange {
  private readonly context: Context
  private readonly request: UpstreamRequest
  /** Until when an instance is waited for, and until when its answer. */
  private waitsUntil: number
  private answersBy = Number.POSITIVE_INFINITY
  private triedAgain = false

  constructor(context: Context, { head, body }: HttpRequest, reply: Reply) {
    super(reply, context.pool)
    this.context = context
    this.request = {
      method: head.method,
      head: `${requestLines(head, body.length, RINGSTEAD, context.options.listen)}\r\n`,
      body,
      idempotent: isIdempotent(head.method),
    }
    this.waitsUntil = context.sweep.now() + context.instanceMs
  }

  begin(): this {
    this.attemptNow()
    return this
  }

  private attemptNow(): void {
    const upstream = this.context.options.upstream()
    if (upstream === null) return
    this.answersBy = this.context.sweep.now() + this.context.options.answerMs
    this.send(joinAddress(upstream.host, upstream.port), this.request)
  }

  protected translate(head: ResponseHead): string {
    return responseLines(head) + this.context.peerLine
  }

  protected onSkipped(): void {
    // Every response of the service is the client's.
  }

  protected onLost({ kind, reason }: UpstreamFailure): void {
    switch (kind) {
      // Nobody listens: the instance is dying or dead, and `upstream` will say so presently.
      case "unsent":
        this.answersBy = Number.POSITIVE_INFINITY
        return
      case "busy":
        return this.say(503, "overloaded", `the service has too many requests (${reason}); try again later`)
      case "lost":
        // Once only: it may be this request that the service dies of.
        if (this.request.idempotent && !this.triedAgain) {
          this.triedAgain = true
          this.answersBy = Number.POSITIVE_INFINITY
          this.waitsUntil = this.context.sweep.now() + this.context.instanceMs
          return
        }
        return this.say(
          502,
          "service-lost",
          `the service closed the connection before it had answered in full (${reason})`,
        )
      case "garbage":
        this.context.warnGarbage(reason)
        return this.say(502, "service-garbage", `the service's answer is not valid HTTP/1.1 (${reason})`)
    }
  }

  protected onWait(now: number): void {
    const { answerMs } = this.context.options
    if (this.silent) {
      if (now < this.answersBy) return
      // A request that only waited for its turn says nothing of the service.
      const { sent } = this
      this.say(504, "service-silent", `the service gave no answer in ${answerMs} ms`)
      if (sent) this.context.options.onHang()
    } else if (now >= this.waitsUntil) {
      this.say(
        503,
        NO_INSTANCE,
        "the service instance of this peer is not running; it is being started again",
      )
    } else {
      this.attemptNow()
    }
  }

  private say(status: number, code: string, reason: string): void {
    this.answer(status, code, reason, this.context.peerLine)
  }
}
