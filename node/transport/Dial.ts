import { Socket } from "node:net"
import type { Contact } from "../../core/peer/Contact.ts"
import { splitAddress } from "../http/HostPort.ts"
import { readEvents } from "../http/ReadSocket.ts"
import { oneLine } from "../log/OneLine.ts"
import { systemReason } from "../log/SystemReason.ts"
import { Connection, type Ending } from "./Connection.ts"
import { decodeGreeting, encodeGreeting, type Hello, type Identity, type Introduction } from "./Handshake.ts"
import type { Cork } from "./Cork.ts"
import type { DialReason } from "./DialError.ts"
import type { DiskOptions } from "./DiskOptions.ts"
import { FRAME_LIMIT } from "./Frame.ts"
import { KEEP_ALIVE, type Sockets } from "./Sockets.ts"
import { WIRE_VERSION } from "../../core/codec/Codec.ts"

export interface DialOptions {
  /** `host:port` */
  readonly address: string
  readonly cluster: string
  /** Who dials; null for a client. */
  readonly self: Introduction | null
  /** Whether peers are whom they were; a client does not know. */
  readonly disk: DiskOptions | null
  /** Whom to reach; null when whoever listens there will do. */
  readonly expected: Identity | null
  /** Until the TCP connection stands, and from then to the end of the handshake, in ms. */
  readonly connectMs: number
  readonly handshakeMs: number
  readonly cork: Cork
  readonly sockets: Sockets
}

export interface DialFailure {
  readonly reason: DialReason
  /** One line: what happened, what to do. */
  readonly message: string
  /** Whether it is certain that the expected peer is not there, rather than slow, busy or cut off. */
  readonly gone: boolean
}

export interface DialUser {
  /** The handshake is done. The connection's user must be set before this returns. */
  readonly onOpen: (connection: Connection, peer: Introduction) => void
  readonly onFailure: (failure: DialFailure) => void
}

/** What the system says when nobody listens at an address, or whoever did is gone. */
const GONE: ReadonlySet<string> = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE"])

/**
 * Connects to a peer and shakes hands. Exactly one of the user's callbacks is called, never before this returns,
 * and none after the function returned has been called, which gives up and leaves nothing behind.
 */
export const dial = (options: DialOptions, user: DialUser): (() => void) => {
  const { address, connectMs, handshakeMs } = options
  let connection: Connection | undefined
  let settled = false

  const settle = (): boolean => {
    if (settled) return false
    settled = true
    clearTimeout(timer)
    return true
  }
  const fail = (reason: DialReason, message: string, gone = false): void => {
    if (settle()) user.onFailure({ reason, message: `${address}: ${message}`, gone })
  }

  const socket = options.sockets.add(new Socket())
  socket.setNoDelay(true)
  socket.setKeepAlive(KEEP_ALIVE.keepAlive, KEEP_ALIVE.keepAliveInitialDelay)
  let timer = setTimeout(() => {
    fail("timeout", `no connection within ${connectMs} ms; is the host up and the way to it open?`)
    socket.destroy()
  }, connectMs)

  const onEnd = (ending: Ending): void => {
    const { goodbye } = ending
    if (goodbye === undefined) {
      fail("unreachable", `the connection broke before an answer (${ending.cause})`, true)
    } else {
      fail("refused", `goodbye: ${oneLine(goodbye.text)}`)
    }
  }

  const greeted = (bytes: Uint8Array, start: number, end: number): void => {
    const answer = judge(options, bytes, start, end)
    if ("contact" in answer) {
      if (!settle() || connection === undefined) return
      connection.allow(FRAME_LIMIT)
      user.onOpen(connection, answer)
    } else if (settle()) {
      user.onFailure({ ...answer, message: `${address}: ${answer.message}` })
      connection?.drop("Protocol", answer.message)
    }
  }

  const onConnectError = (error: Error): void => {
    const cause = systemReason(error)
    fail("unreachable", connectMessage(cause), GONE.has(cause))
  }
  socket.once("error", onConnectError)
  socket.once("close", () => fail("unreachable", "the attempt was given up"))
  socket.once("connect", () => {
    if (settled) return
    socket.off("error", onConnectError)
    clearTimeout(timer)
    timer = setTimeout(() => {
      fail("timeout", `connected, but no greeting within ${handshakeMs} ms; it may be stopped or overloaded`)
      connection?.drop("Stalled", "no greeting came")
    }, handshakeMs)
    connection = new Connection((onBytes) => readEvents(socket, onBytes), options.cork, {
      onFrame: greeted,
      onBroken: (problem) => fail("protocol", `what answers there is no peer (${problem})`),
      onEnd,
    })
    const { cluster, self, expected } = options
    connection.writeNow(encodeGreeting({ type: "Hello", cluster, peer: self, expected }))
  })

  try {
    socket.connect(splitAddress(address))
  } catch {
    setImmediate(() => fail("unreachable", "not an address; expected host:port"))
  }

  return () => {
    if (!settle()) return
    if (connection === undefined) socket.destroy()
    else connection.drop("Replaced")
  }
}

const connectMessage = (cause: string): string => {
  switch (cause) {
    case "ECONNREFUSED":
      return "nobody listens there; is the peer running, and is that its ring address?"
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the host name does not resolve (${cause}); check it`
    default:
      return `no connection (${cause})`
  }
}

const judge = (
  options: DialOptions,
  bytes: Uint8Array,
  start: number,
  end: number,
): Introduction | DialFailure => {
  const answer = decodeGreeting(bytes, start, end)
  switch (answer.type) {
    case "Problem":
      return failure("protocol", `what answers there is no peer (${answer.problem})`)
    case "OtherVersion":
      return failure(
        "refused",
        `it speaks wire version ${answer.version}, we speak ${WIRE_VERSION}; run one version of ringstead everywhere`,
      )
    case "Refusal":
      if (answer.code === "OtherDisk") options.disk?.onDisowned(oneLine(answer.text))
      return { ...failure("refused", oneLine(answer.text)), gone: answer.code === "NotExpected" }
    case "Hello":
      return judgeHello(options, answer)
  }
}

const judgeHello = ({ cluster, disk, expected }: DialOptions, hello: Hello): Introduction | DialFailure => {
  if (hello.peer === null) return failure("protocol", "it answers as a client would")
  if (hello.cluster !== cluster) {
    return failure("refused", `it belongs to cluster ${hello.cluster}, not to ${cluster}; check the address`)
  }
  const { contact } = hello.peer
  if (expected !== null && (contact.id !== expected.id || contact.incarnation !== expected.incarnation)) {
    return {
      ...failure("refused", `${describe(contact)} answers there, where ${describe(expected)} was expected`),
      gone: true,
    }
  }
  if (disk !== null && !disk.isKnown(contact, hello.peer.disk)) {
    return { ...failure("refused", `this peer knows ${otherDisk(contact)}`), gone: true }
  }
  return hello.peer
}

const failure = (reason: DialReason, message: string): DialFailure => ({ reason, message, gone: false })

/** A peer for people: its name where it is known, its id cut short, its incarnation. */
export const describe = (peer: Identity & Partial<Contact>): string =>
  `${peer.name === undefined || peer.name === "" ? "peer" : peer.name} (${peer.id.slice(0, 8)}, incarnation ${peer.incarnation})`

/** What is wrong with one that has another disk than it had. */
export const otherDisk = (peer: Identity & Partial<Contact>): string =>
  `${describe(peer)} with another disk: it has lost its memory, and must come back under a new incarnation`
