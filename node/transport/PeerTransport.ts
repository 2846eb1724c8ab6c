import { createServer, type Server } from "node:net"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Contact, isPlaceholder } from "../../core/peer/Contact.ts"
import type { ClientMessage, RingMessage } from "../../core/peer/Message.ts"
import { joinAddress, splitAddress } from "../http/HostPort.ts"
import { acceptSocket } from "../http/ReadSocket.ts"
import { systemReason } from "../log/SystemReason.ts"
import { ClientSession } from "./ClientSession.ts"
import { Cork } from "./Cork.ts"
import { describe, dial } from "./Dial.ts"
import { DialError } from "./DialError.ts"
import type { DiskOptions } from "./DiskOptions.ts"
import type { Introduction } from "./Handshake.ts"
import { Links } from "./Links.ts"
import { type LinkContext, PeerLink } from "./PeerLink.ts"
import { Problems } from "./Problems.ts"
import { Reception } from "./Reception.ts"
import { KEEP_ALIVE, Sockets } from "./Sockets.ts"
import { defaultLimits, type TransportLimits } from "./TransportLimits.ts"

/** The ring port could not be opened. `message` is one line: the address, the cause, the remedy. */
export class ListenError extends Data.TaggedError("ListenError")<{
  readonly reason: "taken" | "forbidden" | "noSuchAddress" | "other"
  readonly address: string
  readonly message: string
}> {}

export interface TransportOptions {
  readonly cluster: string
  /** Who we are. When `listen` asks for port 0, `ring` is replaced by the address we got. */
  readonly self: Contact
  /** Starts of this peer on its data directory, from 1. Tells a restarted process from the one before. */
  readonly boot: number
  readonly disk: DiskOptions
  /** `host:port` to listen on; port 0 lets the system choose. */
  readonly listen: string
  /** Dial these instead of `contact.ring`: peer name -> `host:port`. */
  readonly routes: ReadonlyMap<string, string>
  /** A peer said something; `from` is who it proved to be in the handshake. */
  readonly onMessage: (from: Contact, message: RingMessage) => void
  /**
   * Nobody is there: the connection was refused, or one that stood was reset or closed without a word, or the peer
   * said that it stops, or another process or incarnation answers in its place. Called once, and again only after the
   * peer was heard from in between (or not spoken to for so long that it was forgotten). Not called for mere slowness,
   * nor for connections that we close or that the other side closes on purpose, nor when the connection that the peer
   * dialled breaks while ours to it stands: its process is there then, or ours will break too.
   */
  readonly onUnreachable: (peer: Contact) => void
  /** A dispatcher or a tool asks. `reply` may be called at once or later, once; after the connection is gone it does nothing. */
  readonly onClient: (message: ClientMessage, reply: (message: ClientMessage) => void) => void
  /** Something an operator should know; one line, and only a few of them a minute however many there are. */
  readonly onProblem: (text: string) => void
  readonly limits?: Partial<TransportLimits>
}

/** What the transport has done so far. */
export interface TransportStats {
  /** Connections open now. */
  readonly inbound: number
  readonly outgoing: number
  /** Messages thrown away since the start: the queue was full, or the peer could not be reached. */
  readonly dropped: number
}

export interface PeerTransport {
  /** Who we say we are, with the address we listen on. */
  readonly self: Contact
  /** Sends, or queues, or drops; never waits and never fails. */
  readonly send: (to: Contact, message: RingMessage) => void
  /** Lets what was sent leave now, and not only when all that has been received so far is dealt with. */
  readonly flush: () => void
  /** Who listens at `address` (`host:port`)? The connection made to ask is kept for messages to that peer. */
  readonly resolve: (address: string) => Effect.Effect<Contact, DialError>
  readonly stats: () => TransportStats
}

/**
 * Opens the ring port and starts serving it. When the scope closes, all connections, timers and the port go at once;
 * peers are told that we stop.
 */
export const makeTransport = (
  options: TransportOptions,
): Effect.Effect<PeerTransport, ListenError, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(listen(options), (running) =>
      Effect.callback<void>((resume) => running.close(() => resume(Effect.void))),
    ),
    (running) => running.transport,
  )

interface Running {
  readonly transport: PeerTransport
  readonly close: (done: () => void) => void
}

const listen = (options: TransportOptions): Effect.Effect<Running, ListenError> =>
  Effect.callback<Running, ListenError>((resume) => {
    const server = createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true, ...KEEP_ALIVE })
    const onError = (error: NodeJS.ErrnoException): void =>
      resume(Effect.fail(listenError(options.listen, error)))
    server.once("error", onError)
    try {
      server.listen(splitAddress(options.listen), () => {
        server.off("error", onError)
        resume(Effect.succeed(run(options, server)))
      })
    } catch (error) {
      resume(Effect.fail(listenError(options.listen, error)))
    }
  })

const listenError = (address: string, error: unknown): ListenError => {
  const cause = systemReason(error)
  switch (cause) {
    case "EADDRINUSE":
      return new ListenError({
        reason: "taken",
        address,
        message: `cannot listen on ${address}: something listens there already; stop it or choose another port`,
      })
    case "EACCES":
      return new ListenError({
        reason: "forbidden",
        address,
        message: `cannot listen on ${address}: not allowed (EACCES); choose a port from 1024`,
      })
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new ListenError({
        reason: "noSuchAddress",
        address,
        message: `cannot listen on ${address}: this machine has no such address (${cause}); check the host`,
      })
    default:
      return new ListenError({
        reason: "other",
        address,
        message: `cannot listen on ${address}: ${cause}; check the address`,
      })
  }
}

/** `server` listens; from here on everything is callbacks. */
const run = (options: TransportOptions, server: Server): Running => {
  const limits = { ...defaultLimits, ...options.limits }
  const sweepMs = Math.max(10, Math.min(1_000, limits.stallMs / 5, limits.idleMs / 2))
  const self = withAddress(options, server)
  const introduction: Introduction = { contact: self, boot: options.boot, disk: options.disk.own }
  const problems = new Problems(options.onProblem)
  const cork = new Cork()
  const sockets = new Sockets()
  const links = new Links()
  const sessions = new Set<ClientSession>()
  const { cluster } = options
  let inbound = 0
  let dropped = 0
  let closed = false

  const linkContext: LinkContext = {
    cluster,
    self: introduction,
    disk: options.disk,
    limits,
    sweepMs,
    routes: options.routes,
    cork,
    sockets,
    problems,
    onMessage: options.onMessage,
    onUnreachable: options.onUnreachable,
  }

  /** The link to `peer`, made if there is none yet. */
  const linkTo = (peer: Contact): PeerLink => {
    const known = links.get(peer)
    if (known !== undefined) return known
    const link = new PeerLink(linkContext, peer)
    links.add(link)
    return link
  }

  const hasRoomFor = (peer: Contact): boolean => links.size < limits.peers || links.get(peer) !== undefined

  const reception = new Reception({
    cluster,
    self: introduction,
    limits,
    cork,
    problems,
    meet: ({ contact, boot, disk }) => {
      if (!options.disk.isKnown(contact, disk)) return "OtherDisk"
      if (!hasRoomFor(contact)) return "TooMany"
      return linkTo(contact).meet(boot) ? undefined : "StaleBoot"
    },
    onPeer: (connection, contact) => linkTo(contact).welcome(connection, contact),
    onClient: (connection) => {
      const session = new ClientSession(
        { limits, sweepMs, problems, onClient: options.onClient },
        connection,
        () => sessions.delete(session),
      )
      sessions.add(session)
    },
  })

  const most = limits.inbound + limits.unproved
  server.on("error", (error) => problems.report("inbound", `accepting connections: ${systemReason(error)}`))
  server.on("connection", (accepted) => {
    if (inbound >= most) {
      problems.report("inbound", `more than ${most} connections; refused`)
      accepted.destroy()
      return
    }
    inbound++
    reception.receive(
      (onBytes) => sockets.add(acceptSocket(accepted, onBytes)).once("close", () => inbound--),
      inbound,
    )
  })

  const sweeping = setInterval(() => {
    for (const session of sessions) session.sweep()
    for (const link of links.all()) {
      if (!link.sweep()) continue
      dropped += link.dropped
      links.delete(link)
    }
  }, sweepMs)

  const send = (to: Contact, message: RingMessage): void => {
    if (closed) return
    if (!isPlaceholder(to) && to.id !== self.id && hasRoomFor(to)) return linkTo(to).send(to, message)
    dropped++
    problems.report("send", `${message.type} to ${describe(to)} not sent: ${whyNot(to, self)}`)
  }

  const resolve = (address: string): Effect.Effect<Contact, DialError> =>
    Effect.callback<Contact, DialError>((resume) => {
      const { connectMs, handshakeMs } = limits
      const giveUp = dial(
        {
          address,
          cluster,
          self: introduction,
          disk: options.disk,
          expected: null,
          connectMs,
          handshakeMs,
          cork,
          sockets,
        },
        {
          onOpen: (connection, peer) => {
            linkTo(peer.contact).adopt(connection, peer)
            resume(Effect.succeed(peer.contact))
          },
          onFailure: ({ reason, message }) =>
            resume(Effect.fail(new DialError({ reason, address, message }))),
        },
      )
      return Effect.sync(giveUp)
    })

  const stats = (): TransportStats => {
    let outgoing = 0
    let lost = dropped
    for (const link of links.all()) {
      outgoing += link.connected ? 1 : 0
      lost += link.dropped
    }
    return { inbound, outgoing, dropped: lost }
  }

  const close = (done: () => void): void => {
    closed = true
    clearInterval(sweeping)
    reception.close()
    for (const session of sessions) session.close()
    for (const link of links.all()) link.close()
    server.close(() => sockets.destroyAll(done))
    sockets.destroyAll(() => {})
  }

  return { transport: { self, send, flush: cork.flush, resolve, stats }, close }
}

const whyNot = (to: Contact, self: Contact): string => {
  if (isPlaceholder(to)) return "it stands for nobody"
  return to.id === self.id ? "that is this peer itself" : "too many peers are spoken to already"
}

/** Who we are, with the port that the system chose where it was to choose one. */
const withAddress = ({ self, listen: asked }: TransportOptions, server: Server): Contact => {
  const { host, port } = splitAddress(asked)
  const bound = server.address()
  return port === 0 && bound !== null && typeof bound === "object"
    ? { ...self, ring: joinAddress(host, bound.port) }
    : self
}
