import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { decode } from "../../core/codec/Codec.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { ClientMessage, FindResult } from "../../core/peer/Message.ts"
import type { RingId } from "../../core/ring/RingId.ts"
import { oneLine } from "../log/OneLine.ts"
import type { Connection } from "./Connection.ts"
import { Cork } from "./Cork.ts"
import { dial } from "./Dial.ts"
import { DialError } from "./DialError.ts"
import { Outbox } from "./Outbox.ts"
import { Sockets } from "./Sockets.ts"

/**
 * Why a request to a peer has no answer: `timeout`, its deadline passed (the connection stays, other requests go
 * on); `lost`, the connection is gone, and with it every request in flight.
 */
export class RingClientError extends Data.TaggedError("RingClientError")<{
  readonly reason: "timeout" | "lost"
  /** One line: what happened, with whom. */
  readonly message: string
}> {}

export interface FindOptions {
  /** Whether the answer should name every peer on the way. */
  readonly trace: boolean
  /** How long to wait for the answer, in ms. */
  readonly deadlineMs: number
}

/** A connection to one peer, as dispatchers and command line tools hold it. Any number of requests may be in flight. */
export interface RingClient {
  /** Who answers at the other end. */
  readonly peer: Contact
  /** Which peer owns `key`; `owner` is null when the ring did not answer the peer in time. */
  readonly find: (key: RingId, options: FindOptions) => Effect.Effect<FindResult, RingClientError>
  /** The peer's report on itself (node/peer/PeerReport.ts), as JSON text. */
  readonly inspect: (deadlineMs: number) => Effect.Effect<string, RingClientError>
  /** What is in the session of `client`, or its reset: a SessionAnswer (node/peer/SessionReport.ts), as JSON text. */
  readonly session: (
    client: string,
    action: "show" | "reset",
    deadlineMs: number,
  ) => Effect.Effect<string, RingClientError>
  /** Asks the peer to leave the ring and exit; done when it has closed the connection. */
  readonly leave: (deadlineMs: number) => Effect.Effect<void, RingClientError>
  /** Done when the connection is gone, whoever closed it. */
  readonly closed: Effect.Effect<void>
}

export interface ConnectOptions {
  /** The cluster that the caller means; a peer of another one refuses. */
  readonly cluster: string
  /** Whom the caller means to reach; without it whoever listens there will do. */
  readonly expected?: Pick<Contact, "id" | "incarnation">
  /** How long connecting and the handshake may take, half of it each, in ms; 2,000 by default. */
  readonly deadlineMs?: number
}

/**
 * Connects to the peer whose ring port is at `address` (`host:port`). The connection closes with the scope; it is
 * not made again when lost: the caller decides where to go next.
 */
export const connect = (
  address: string,
  options: ConnectOptions,
): Effect.Effect<RingClient, DialError, Scope.Scope> =>
  Effect.map(
    // The sockets come first, so that a dial that is interrupted is cleared away like any other.
    Effect.flatMap(
      Effect.acquireRelease(
        Effect.sync(() => new Sockets()),
        (sockets) => Effect.callback<void>((resume) => sockets.destroyAll(() => resume(Effect.void))),
      ),
      (sockets) =>
        Effect.acquireRelease(
          open(address, options, sockets),
          (session) => Effect.sync(() => session.close()),
          {
            interruptible: true,
          },
        ),
    ),
    (session) => session.client,
  )

const open = (
  address: string,
  { cluster, expected, deadlineMs = 2_000 }: ConnectOptions,
  sockets: Sockets,
): Effect.Effect<Session, DialError> =>
  Effect.callback<Session, DialError>((resume) => {
    const giveUp = dial(
      {
        address,
        cluster,
        self: null,
        disk: null,
        expected: expected ?? null,
        connectMs: deadlineMs / 2,
        handshakeMs: deadlineMs / 2,
        cork: new Cork(),
        sockets,
      },
      {
        onOpen: (connection, { contact }) => resume(Effect.succeed(new Session(connection, contact))),
        onFailure: ({ reason, message }) => resume(Effect.fail(new DialError({ reason, address, message }))),
      },
    )
    return Effect.sync(giveUp)
  })

/** Whoever waits for the answer to a request. */
interface Waiting {
  readonly answer: (answer: ClientMessage) => void
  readonly lost: (message: string) => void
}

/** Requests in flight on one connection, by their tokens. */
class Session {
  readonly client: RingClient

  private readonly connection: Connection
  private readonly waiting = new Map<number, Waiting>()
  /** Called when the connection is gone. */
  private readonly watchers = new Set<() => void>()
  private nextToken = 1
  private over: string | undefined

  constructor(connection: Connection, peer: Contact) {
    this.connection = connection
    connection.outbox = new Outbox(Number.POSITIVE_INFINITY, OUTBOX_BYTES)
    connection.user = {
      onFrame: (bytes, start, end) => this.hear(bytes, start, end),
      onBroken: (problem) => this.end(`${peer.name} broke the protocol: ${problem}`),
      onEnd: ({ ours, goodbye, cause }) => {
        if (ours) this.end(`the connection to ${peer.name} was closed on this side`)
        else
          this.end(
            `${peer.name} closed the connection (${goodbye === undefined ? cause : oneLine(goodbye.text)})`,
          )
      },
    }
    this.client = {
      peer,
      find: (key, { trace, deadlineMs }) =>
        this.request(peer, deadlineMs, (token) => ({ type: "Find", token, key, trace }), findResult),
      inspect: (deadlineMs) =>
        this.request(peer, deadlineMs, (token) => ({ type: "Inspect", token }), inspectedJson),
      session: (client, action, deadlineMs) =>
        this.request(peer, deadlineMs, (token) => ({ type: "Session", token, client, action }), sessionJson),
      leave: (deadlineMs) => this.leave(peer, deadlineMs),
      closed: Effect.callback((resume) => {
        if (this.over !== undefined) return resume(Effect.void)
        const gone = (): void => resume(Effect.void)
        this.watchers.add(gone)
        return Effect.sync(() => this.watchers.delete(gone))
      }),
    }
  }

  close(): void {
    this.connection.drop("Done")
  }

  private request<A>(
    peer: Contact,
    deadlineMs: number,
    make: (token: number) => ClientMessage,
    read: (answer: ClientMessage) => A | undefined,
  ): Effect.Effect<A, RingClientError> {
    return Effect.callback((resume) => {
      if (this.over !== undefined) return resume(lost(this.over))
      const token = this.nextToken++
      const message = make(token)
      const done = (outcome: Effect.Effect<A, RingClientError>): void => {
        clearTimeout(timer)
        this.waiting.delete(token)
        resume(outcome)
      }
      // Node keeps timers of one length in one list: setting and clearing one costs less than encoding the request.
      const timer = setTimeout(() => {
        done(late(`${peer.name} did not answer ${message.type} within ${deadlineMs} ms`))
      }, deadlineMs)
      this.waiting.set(token, {
        lost: (text) => done(lost(text)),
        answer: (answer) => {
          const result = read(answer)
          if (result === undefined) this.connection.breaks(`${answer.type} for an answer to ${message.type}`)
          else done(Effect.succeed(result))
        },
      })
      this.connection.outbox.push(message)
      this.connection.schedule()
      return Effect.sync(() => {
        clearTimeout(timer)
        this.waiting.delete(token)
      })
    })
  }

  /** There is no answer to it but the end of the connection. */
  private leave(peer: Contact, deadlineMs: number): Effect.Effect<void, RingClientError> {
    return Effect.callback((resume) => {
      if (this.over !== undefined) return resume(lost(this.over))
      const gone = (): void => {
        clearTimeout(timer)
        resume(Effect.void)
      }
      const timer = setTimeout(() => {
        this.watchers.delete(gone)
        resume(late(`${peer.name} had not left after ${deadlineMs} ms`))
      }, deadlineMs)
      this.watchers.add(gone)
      this.connection.outbox.push({ type: "Leave", token: this.nextToken++ })
      this.connection.schedule()
      return Effect.sync(() => {
        clearTimeout(timer)
        this.watchers.delete(gone)
      })
    })
  }

  private hear(bytes: Uint8Array, start: number, end: number): void {
    const message = decode(bytes, start, end)
    switch (message.type) {
      case "Problem":
        return this.connection.breaks(
          `a frame that is no message: ${message.problem} at byte ${message.offset}`,
        )
      case "Found":
      case "Inspected":
      case "SessionShown":
        // Nobody waits any more for one that comes after its deadline.
        return this.waiting.get(message.token)?.answer(message)
      default:
        return this.connection.breaks(`${message.type}, which peers do not say to clients`)
    }
  }

  private end(why: string): void {
    if (this.over !== undefined) return
    this.over = why
    for (const one of this.waiting.values()) one.lost(why)
    for (const done of this.watchers) done()
    this.watchers.clear()
  }
}

/** Bytes of requests that may wait for the socket; the oldest time out beyond. */
const OUTBOX_BYTES = 4 * 2 ** 20

const findResult = (answer: ClientMessage): FindResult | undefined =>
  answer.type === "Found" ? { owner: answer.owner, hops: answer.hops, path: answer.path } : undefined

const inspectedJson = (answer: ClientMessage): string | undefined =>
  answer.type === "Inspected" ? answer.json : undefined

const sessionJson = (answer: ClientMessage): string | undefined =>
  answer.type === "SessionShown" ? answer.json : undefined

const lost = (message: string): Effect.Effect<never, RingClientError> =>
  Effect.fail(new RingClientError({ reason: "lost", message }))

const late = (message: string): Effect.Effect<never, RingClientError> =>
  Effect.fail(new RingClientError({ reason: "timeout", message }))
