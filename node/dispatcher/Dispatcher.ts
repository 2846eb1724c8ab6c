import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import { modeOf } from "../../core/peer/Genesis.ts"
import type { Exchange, HttpRequest, Reply } from "../http/Exchange.ts"
import { isIdempotent } from "../http/Grammar.ts"
import { defaultLimits, type HttpLimits, withRoom } from "../http/HttpLimits.ts"
import { serveHttp } from "../http/HttpServer.ts"
import { Sweep } from "../http/Sweep.ts"
import { UpstreamPool } from "../http/UpstreamPool.ts"
import type { Holding } from "../http/ProxyExchange.ts"
import { clientLine, requestLine } from "../ingress/PeerHeaders.ts"
import type { ProcessEvent } from "../log/ProcessEvent.ts"
import { makeClientNamer } from "./ClientName.ts"
import { type DispatchContext, DispatchExchange } from "./DispatchExchange.ts"
import type { DispatchOptions } from "./DispatchOptions.ts"
import { forwardedHead } from "./ForwardedHead.ts"
import { freshName } from "./FreshName.ts"
import { Leaders, type LeaderSource } from "./Leaders.ts"
import { NameCookie } from "./NameCookie.ts"
import { makeRequestIds } from "./RequestId.ts"
import { makeRingPeers } from "./RingPeers.ts"

/** The dispatcher cannot run. */
export class DispatchError extends Data.TaggedError("DispatchError")<{
  /** What is to be mended: how it was set up, or what it needs of this machine. */
  readonly kind: "configuration" | "environment"
  /** One line that names the input and the remedy. */
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}

/** A dispatcher that serves. */
export interface Dispatcher {
  /** Where it listens, `host:port`. */
  readonly address: string
  /** Requests accepted and not answered yet. */
  readonly inFlight: () => number
  /** Client connections that are open. */
  readonly clients: () => number
  /** Connections to peers that are open. */
  readonly upstreams: () => number
}

export interface DispatchTuning {
  /** Requests at one peer at a time, and requests that may wait for one. */
  readonly most: number
  readonly waiting: number
  /** What a client's connection may cost; the options' `bodyLimit` counts for bodies. */
  readonly limits: HttpLimits
}

export const defaultTuning: DispatchTuning = { most: 512, waiting: 4_096, limits: defaultLimits }

/** Less than an ingress keeps a connection (its idle limit is a minute), so that no request meets its closing. */
const IDLE_MS = 30_000
/** Silence within a response, after which the peer is given up and the client's connection cut. */
const SILENT_MS = 60_000
const TICK_MS = 25
/**
 * In the mode replay a response is there at once and at most as large as a peer journals (1 MiB unless configured), so
 * it is held back until it is whole: then a peer that dies within it costs the client nothing.
 */
const WHOLE: Holding = { bytes: 2_097_152, ticks: Number.POSITIVE_INFINITY }

/**
 * One dispatcher: answers every client by way of the peer that leads the client's cell. Runs until interrupted; when
 * its scope closes, requests in flight have 5 s to end.
 */
export const runDispatcher = Effect.fn("runDispatcher")(function* (
  options: DispatchOptions,
  emit: (event: ProcessEvent) => void,
): Effect.fn.Return<never, DispatchError, Scope.Scope> {
  const source = yield* makeRingPeers({
    genesis: options.genesis,
    seeds: options.seeds,
    routes: options.ringRoutes,
    seed: Number.parseInt(freshName().slice(0, 8), 16),
    onReachable: () => emit({ type: "ready" }),
    onUnreachable: () => emit({ type: "warning", reason: "no peer of the ring can be reached; dialling on" }),
  })
  const { address } = yield* makeDispatcher(options, source)
  emit({ type: "listening", http: address })
  return yield* Effect.never
})

/** Opens the dispatcher's port and serves it until the scope closes. */
export const makeDispatcher = Effect.fnUntraced(function* (
  options: Omit<DispatchOptions, "seeds" | "name" | "ringRoutes">,
  source: LeaderSource,
  tuning: DispatchTuning = defaultTuning,
): Effect.fn.Return<Dispatcher, DispatchError, Scope.Scope> {
  const { genesis } = options
  const sweep = new Sweep(TICK_MS)
  const limits = { ...tuning.limits, bodyBytes: options.bodyLimit }
  const pool = yield* Effect.acquireRelease(
    Effect.sync(
      () =>
        new UpstreamPool({
          limits: withRoom(limits),
          sweep,
          times: { connectMs: 1_000, idleMs: IDLE_MS, silentMs: SILENT_MS },
          most: tuning.most,
          waiting: tuning.waiting,
        }),
    ),
    (made) => Effect.sync(() => made.close()),
  )
  const replay = modeOf(genesis) === "replay"
  const idOf = replay ? makeRequestIds(freshName()) : undefined
  const cookie = new NameCookie(genesis.secret)
  const context: DispatchContext = {
    cookie,
    leaders: new Leaders(genesis.cells, source),
    source,
    pool,
    sweep,
    routes: options.routes,
    deadlineMs: options.deadlineMs,
    holding: replay ? WHOLE : undefined,
  }
  const nameOf = makeClientNamer(options.client, cookie)
  const hash = makeHasher(genesis.hash)

  const handler = ({ head, body, remote }: HttpRequest, reply: Reply): Exchange | undefined => {
    const client = nameOf(head, remote)
    if (!client.ok) {
      reply.answer(client.status, client.code, client.reason)
      return undefined
    }
    let ours = clientLine(client.name)
    if (idOf !== undefined) {
      const id = idOf(head)
      if (typeof id !== "string") {
        reply.answer(id.status, id.code, id.reason)
        return undefined
      }
      ours += requestLine(id)
    }
    const request = {
      method: head.method,
      head: `${forwardedHead(head, body.length, remote, options.listen)}${ours}\r\n`,
      body,
      idempotent: replay || isIdempotent(head.method),
    }
    const cell = hash.cell(client.name, genesis.cells)
    return new DispatchExchange(context, reply, cell, request, client.fresh ? client.name : undefined).begin()
  }
  const server = yield* serveHttp({ listen: options.listen, limits, sweep, handler }).pipe(
    Effect.mapError(({ reason }) => new DispatchError({ kind: "environment", reason })),
  )
  return {
    address: server.address,
    inFlight: server.inFlight,
    clients: server.connections,
    upstreams: () => pool.connections(),
  }
})
