import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Outcome, Difference, Reply } from "../../core/handoff/Reply.ts"
import type { Command } from "../../core/peer/Command.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { Event } from "../../core/peer/Event.ts"
import { type Leadership, leadershipOf } from "../../core/peer/Leadership.ts"
import type { ClientMessage, FindResult, RingMessage } from "../../core/peer/Message.ts"
import { Observer } from "../../core/peer/Observer.ts"
import { initial, step } from "../../core/peer/Peer.ts"
import type { PeerConfig, PeerState } from "../../core/peer/PeerState.ts"
import { isSettled } from "../../core/peer/Turn.ts"
import type { TraceRecord } from "../../core/peer/Trace.ts"
import type { TraceLine } from "../../core/peer/TraceLine.ts"
import type { DurableCell, Write } from "../../core/replication/Durable.ts"
import type { RequestEntry } from "../../core/replication/Entry.ts"
import type { RingId } from "../../core/ring/RingId.ts"
import type { DiskOptions } from "../transport/DiskOptions.ts"
import { type ListenError, makeTransport, type PeerTransport } from "../transport/PeerTransport.ts"
import { HeldSends } from "./HeldSends.ts"
import { nextDue } from "./NextDue.ts"

export interface DriverOptions {
  readonly cluster: string
  readonly config: PeerConfig
  readonly boot: number
  readonly disk: DiskOptions
  /** `host:port` of the ring port to open. */
  readonly listen: string
  readonly routes: ReadonlyMap<string, string>
  /** What the commands of the mode `replay` are carried out with; null in the mode `stateless`. */
  readonly journal: DriverJournal | null
  /** The wall clock, in ms since 1970. */
  readonly now?: () => number
  readonly onTrace: (record: TraceRecord) => void
  /** Takes what each step did, before anything of it leaves; absent: nobody is told. */
  readonly trace?: (lines: ReadonlyArray<TraceLine>) => void
  /** The peer is a member and has heard of its neighbours, for the first time. */
  readonly onSettled: () => void
  /** A peer that leaves has handed over what it led, or given up doing so. */
  readonly onLeft: () => void
  readonly onProblem: (text: string) => void
  /** Somebody asked this peer, over the ring port, to leave. */
  readonly onLeaveAsked: () => void
  /** The answer to `Inspect`, as JSON. */
  readonly inspect: () => string
  /** A client's session is to be shown or reset; `reply` takes the answer to `Session`, as JSON. */
  readonly onSession: (client: string, action: "show" | "reset", reply: (json: string) => void) => void
}

/** What the driver needs of a journal store and of the service's instances. */
export interface DriverJournal {
  readonly store: {
    /** As recovered; asked once. */
    readonly takeCells: () => ReadonlyArray<DurableCell>
    /** Makes them durable, all or none, in the order of the calls; {@link Driver.tell} hears when they are. */
    readonly write: (number: number, writes: ReadonlyArray<Write>) => void
  }
  /** Asked when there is something to run, which is after {@link Driver.tell} heard of an instance. */
  readonly instances: () => DriverInstances
}

export interface DriverInstances {
  /** `done` is called once. */
  readonly run: (birth: number, client: string, request: Uint8Array, done: (outcome: Outcome) => void) => void
  /**
   * `done` is called once, with how many steps were run, and the first difference. `mayRest` is asked between two:
   * whether nobody waits.
   */
  readonly replay: (
    birth: number,
    client: string,
    fresh: boolean,
    steps: ReadonlyArray<RequestEntry>,
    mayRest: () => boolean,
    done: (applied: number, difference: Difference | null) => void,
  ) => void
  readonly renew: (birth: number, reason: string) => void
  readonly retire: (birth: number) => void
}

/** A client's request as the ingress hands it over. */
export interface ClientRequest {
  readonly cell: number
  readonly client: string
  /** Unique in the client's session (core/replication/Entry.ts). */
  readonly id: string
  /** HTTP/1.1 head and body without a field of ours. */
  readonly request: Uint8Array
  readonly readOnly: boolean
}

/** What the store and the service's instances have to say. */
export type Surroundings = Extract<
  Event,
  { readonly type: "persisted" | "storageFailed" | "instance" | "gone" }
>

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
  readonly tell: (event: Surroundings) => void
  /** In the mode `replay`: `done` is called once. */
  readonly request: (request: ClientRequest, done: (reply: Reply) => void) => void
  /** Resets a client's session; `done` is called once. */
  readonly reset: (cell: number, client: string, done: (reply: Reply) => void) => void
  /**
   * Tells the ring that this peer goes, and hands over what it leads; said once more it goes without. It answers and forwards
   * until the scope closes.
   */
  readonly leave: () => void
}

/** The machine's monotonic clock, the same for all its processes. */
const monotonicNs = (): number => Number(process.hrtime.bigint())

/** How often the core hears what time it is, in ms. */
const CLOCK_MS = 1_000

/**
 * Interprets the core's commands: the network, the timers, the store, the service, and whoever waits for an answer.
 * It decides nothing. Everything the core learns goes through one queue, so that steps never nest; plain callbacks,
 * because this is the path of every heartbeat and of every request. Timers and sockets end with the scope.
 */
export const makeDriver = Effect.fn("makeDriver")(function* (
  options: DriverOptions,
): Effect.fn.Return<Driver, ListenError, Scope.Scope> {
  const { journal } = options
  const now = options.now ?? Date.now
  let state = initial(options.config, journal?.store.takeCells())
  const observer = new Observer(options.boot)
  let timer: NodeJS.Timeout | undefined
  let lastDue: number | null = null
  let clock: NodeJS.Timeout | undefined
  let nextToken = 1
  const finding = new Map<number, (result: FindResult) => void>()
  const requesting = new Map<number, (reply: Reply) => void>()
  const held = new HeldSends<{ readonly to: Contact; readonly message: RingMessage }>(({ to, message }) =>
    transport.send(to, message),
  )
  /** Replays that begin after the next flush. */
  const replays: Array<() => void> = []
  /** Those that nobody waits for, by number. */
  const leisurely = new Set<number>()
  const events: Array<Event> = []
  let stepping = false
  let settled = false

  const dispatch = (event: Event): void => {
    events.push(event)
    if (stepping) return
    stepping = true
    try {
      for (let next = events.shift(); next !== undefined; next = events.shift()) {
        const before = state
        const result = step(before, next)
        state = result.state
        options.trace?.(observer.observe(monotonicNs(), before, next, state, result.commands))
        // What the core says to this rests on later writes: held sends go first.
        if (next.type === "persisted" && held.release(next.upTo)) transport.flush()
        for (const command of result.commands) interpret(command)
        if (next.type === "persisted") for (const begin of replays.splice(0)) begin()
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
    const set = performance.now()
    const due = nextDue(lastDue, set, afterMs)
    lastDue = due
    timer = setTimeout(
      () => dispatch({ type: "tick", lateMs: Math.max(0, performance.now() - due) }),
      due - set,
    )
  }

  const interpret = (command: Command): void => {
    switch (command.type) {
      case "send": {
        const { after, message, to } = command
        return after === undefined ? transport.send(to, message) : held.add({ to, message }, after)
      }
      case "setTick":
        return setTick(command.afterMs)
      case "found": {
        const answer = finding.get(command.token)
        finding.delete(command.token)
        return answer?.(command.result)
      }
      case "respond": {
        const answer = requesting.get(command.token)
        requesting.delete(command.token)
        return answer?.(command.reply)
      }
      case "trace":
        return options.onTrace(command.record)
      case "left":
        return options.onLeft()
      case "persist":
        return journal?.store.write(command.number, command.writes)
      case "run": {
        const { birth, client, request, run } = command
        return journal
          ?.instances()
          .run(birth, client, request, (outcome) => dispatch({ type: "answered", run, outcome }))
      }
      case "replay": {
        const { birth, client, fresh, run, steps, urgent } = command
        if (!urgent) leisurely.add(run)
        const mayRest = (): boolean => leisurely.has(run)
        const onDone = (applied: number, difference: Difference | null): void => {
          leisurely.delete(run)
          dispatch({ type: "replayed", run, applied, difference })
        }
        const begin = (): void => journal?.instances().replay(birth, client, fresh, steps, mayRest, onDone)
        // Somebody waits for the acknowledgement of what is to be flushed: the service is set to work when it has left.
        const { durable, issued } = state.persists
        return issued > durable ? void replays.push(begin) : begin()
      }
      case "hurry":
        return void leisurely.delete(command.run)
      case "renew":
        return journal?.instances().renew(command.birth, command.reason)
      case "retire":
        return journal?.instances().retire(command.birth)
    }
  }

  const ask = (key: RingId, trace: boolean, answer: (result: FindResult) => void): void => {
    const token = nextToken++
    finding.set(token, answer)
    dispatch({ type: "find", token, key, trace })
  }

  /** A number by which the core's `respond` finds its way back to `done`. */
  const awaiting = (done: (reply: Reply) => void): number => {
    const token = nextToken++
    requesting.set(token, done)
    return token
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
      case "Session":
        return options.onSession(message.client, message.action, (json) =>
          reply({ type: "SessionShown", token: message.token, json }),
        )
      case "Found":
      case "Inspected":
      case "SessionShown":
        return options.onProblem(`a client sent ${message.type}, which only peers say; ignored`)
    }
  }

  const transport = yield* makeTransport({
    cluster: options.cluster,
    self: options.config.self,
    boot: options.boot,
    disk: options.disk,
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
      clearInterval(clock)
    }),
  )

  return {
    transport,
    state: () => state,
    start: () => {
      dispatch({ type: "started" })
      if (journal === null) return
      const tellTime = (): void => dispatch({ type: "clock", nowMs: now() })
      tellTime()
      clock = setInterval(tellTime, CLOCK_MS)
    },
    seed: (peer) => dispatch({ type: "seed", peer }),
    find: (key, trace) =>
      Effect.callback<FindResult>((resume) => ask(key, trace, (result) => resume(Effect.succeed(result)))),
    leadership: (cell) => leadershipOf(state, cell),
    tell: dispatch,
    request: (request, done) => dispatch({ type: "request", token: awaiting(done), ...request }),
    reset: (cell, client, done) => dispatch({ type: "reset", token: awaiting(done), cell, client }),
    leave: () => dispatch({ type: "leave" }),
  }
})
