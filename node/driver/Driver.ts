import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Command } from "../../core/peer/Command.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { Event } from "../../core/peer/Event.ts"
import { type Leadership, leadershipOf } from "../../core/peer/Leadership.ts"
import type { ClientMessage, FindResult } from "../../core/peer/Message.ts"
import { initial, step } from "../../core/peer/Peer.ts"
import type { PeerConfig, PeerState } from "../../core/peer/PeerState.ts"
import { isSettled } from "../../core/peer/Turn.ts"
import type { TraceRecord } from "../../core/peer/Trace.ts"
import type { RingId } from "../../core/ring/RingId.ts"
import { type ListenError, makeTransport, type PeerTransport } from "../transport/PeerTransport.ts"

export interface DriverOptions {
  readonly cluster: string
  readonly config: PeerConfig
  readonly boot: number
  /** `host:port` of the ring port to open. */
  readonly listen: string
  readonly routes: ReadonlyMap<string, string>
  readonly onTrace: (record: TraceRecord) => void
  /** The peer is a member and has heard of its neighbours, for the first time. */
  readonly onSettled: () => void
  readonly onProblem: (text: string) => void
  /** Somebody asked this peer, over the ring port, to leave. */
  readonly onLeaveAsked: () => void
  /** The answer to `Inspect`, as JSON. */
  readonly inspect: () => string
}

/** A running peer core: what it knows, and the few things one may ask of it. */
export interface Driver {
  readonly transport: PeerTransport
  readonly state: () => PeerState
  /** Begins: as a founder of the ring, or by joining it. Until then the ring port is open and answers no member's question. */
  readonly start: () => void
  /** A peer to join through. */
  readonly seed: (peer: Contact) => void
  readonly find: (key: RingId, trace: boolean) => Effect.Effect<FindResult>
  readonly leadership: (cell: number) => Leadership
  /** Tells the ring that this peer goes. It answers and forwards until the scope closes. */
  readonly leave: () => void
}

/**
 * Interprets the core's commands: the network, the one timer, and whoever waits for an answer. It decides nothing.
 * Everything the core learns goes through one queue, so that steps never nest; plain callbacks, because this is the
 * path of every heartbeat. The timer and the sockets end with the scope.
 */
export const makeDriver = Effect.fn("makeDriver")(function* (
  options: DriverOptions,
): Effect.fn.Return<Driver, ListenError, Scope.Scope> {
  let state = initial(options.config)
  let timer: NodeJS.Timeout | undefined
  let nextToken = 1
  const waiting = new Map<number, (result: FindResult) => void>()
  const events: Array<Event> = []
  let stepping = false
  let settled = false

  const dispatch = (event: Event): void => {
    events.push(event)
    if (stepping) return
    stepping = true
    try {
      for (let next = events.shift(); next !== undefined; next = events.shift()) {
        const result = step(state, next)
        state = result.state
        for (const command of result.commands) interpret(command)
      }
      if (!settled && isSettled(state)) {
        settled = true
        options.onSettled()
      }
    } finally {
      stepping = false
    }
  }

  const setTick = (afterMs: number): void => {
    const due = performance.now() + afterMs
    timer = setTimeout(
      () => dispatch({ type: "tick", lateMs: Math.max(0, performance.now() - due) }),
      afterMs,
    )
  }

  const interpret = (command: Command): void => {
    switch (command.type) {
      case "send":
        return transport.send(command.to, command.message)
      case "setTick":
        return setTick(command.afterMs)
      case "found": {
        const answer = waiting.get(command.token)
        waiting.delete(command.token)
        return answer?.(command.result)
      }
      case "trace":
        return options.onTrace(command.record)
    }
  }

  const ask = (key: RingId, trace: boolean, answer: (result: FindResult) => void): void => {
    const token = nextToken++
    waiting.set(token, answer)
    dispatch({ type: "find", token, key, trace })
  }

  const onClient = (message: ClientMessage, reply: (message: ClientMessage) => void): void => {
    switch (message.type) {
      case "Find":
        return ask(message.key, message.trace, ({ hops, owner, path }) =>
          // Field by field: the result may be a whole message, with a type and a token of its own.
          reply({ type: "Found", token: message.token, owner, hops, path }),
        )
      case "Inspect":
        return reply({ type: "Inspected", token: message.token, json: options.inspect() })
      case "Leave":
        return options.onLeaveAsked()
      case "Found":
      case "Inspected":
        return options.onProblem(`a client sent ${message.type}, which only peers say; ignored`)
    }
  }

  const transport = yield* makeTransport({
    cluster: options.cluster,
    self: options.config.self,
    boot: options.boot,
    listen: options.listen,
    routes: options.routes,
    onMessage: (from, message) => dispatch({ type: "message", from, message }),
    onUnreachable: (peer) => dispatch({ type: "suspect", peer }),
    onClient,
    onProblem: options.onProblem,
  })
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      clearTimeout(timer)
    }),
  )

  return {
    transport,
    state: () => state,
    start: () => dispatch({ type: "started" }),
    seed: (peer) => dispatch({ type: "seed", peer }),
    find: (key, trace) =>
      Effect.callback<FindResult>((resume) => ask(key, trace, (result) => resume(Effect.succeed(result)))),
    leadership: (cell) => leadershipOf(state, cell),
    leave: () => dispatch({ type: "leave" }),
  }
})
