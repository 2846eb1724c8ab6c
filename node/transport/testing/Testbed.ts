import { connect, createServer, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Contact } from "../../../core/peer/Contact.ts"
import type { ClientMessage, RingMessage } from "../../../core/peer/Message.ts"
import { fromHex } from "../../../core/ring/RingId.ts"
import { splitAddress } from "../../http/HostPort.ts"
import { until } from "../../testing/Until.ts"
import { FrameParser, frameOf } from "../Frame.ts"
import { decodeGreeting, encodeGreeting, type Hello } from "../Handshake.ts"
import { makeTransport, type PeerTransport, type TransportOptions } from "../PeerTransport.ts"
import { SOME_DISK, someDisk } from "./SomeDisk.ts"

/** For the tests of this room: transports that note what happens to them, and bare sockets to misbehave with. */

/** A peer whose id is one digit over and over. */
export const peerOf = (digit: string, ring = "127.0.0.1:1"): Contact => ({
  id: fromHex(digit.repeat(40)),
  incarnation: 1,
  name: `peer-${digit}`,
  ring,
  http: "127.0.0.1:1",
})

/** A transport, and what was called back. */
export interface Station {
  readonly transport: PeerTransport
  readonly self: Contact
  readonly heard: Array<{ readonly from: string; readonly message: RingMessage }>
  readonly unreachable: Array<string>
  readonly problems: Array<string>
  readonly close: () => Promise<void>
}

const open = new Set<() => Promise<void>>()

/** Runs `acquire` in a scope of its own, which {@link closeAll} closes at the latest. */
export const acquired = async <A, E>(
  acquire: Effect.Effect<A, E, Scope.Scope>,
): Promise<{ readonly value: A; readonly close: () => Promise<void> }> => {
  const scope = Scope.makeUnsafe()
  const close = (): Promise<void> => {
    open.delete(close)
    return Effect.runPromise(Scope.close(scope, Exit.void))
  }
  open.add(close)
  return { value: await Effect.runPromise(Scope.provide(acquire, scope)), close }
}

/** Answers every Find with a route through nobody, and nothing else. */
const answerFinds = (message: ClientMessage, reply: (message: ClientMessage) => void): void => {
  if (message.type === "Find") {
    reply({ type: "Found", token: message.token, owner: null, hops: 0, path: [message.key.slice(0, 8)] })
  }
}

/** Opens a transport for peer `digit` of cluster "test" on a port that the system chooses. */
export const station = async (digit: string, more: Partial<TransportOptions> = {}): Promise<Station> => {
  const heard: Station["heard"] = []
  const unreachable: Array<string> = []
  const problems: Array<string> = []
  const { value: transport, close } = await acquired(
    makeTransport({
      cluster: "test",
      self: peerOf(digit),
      boot: 1,
      disk: someDisk,
      listen: "127.0.0.1:0",
      routes: new Map(),
      onMessage: (from, message) => heard.push({ from: from.name, message }),
      onUnreachable: (peer) => unreachable.push(peer.name),
      onClient: answerFinds,
      onProblem: (text) => problems.push(text),
      ...more,
    }),
  )
  return { transport, self: transport.self, heard, unreachable, problems, close }
}

/** A socket without manners: it sends what it is told to, and notes what comes. */
export interface Bare {
  readonly socket: Socket
  /** Bodies of the frames that came. */
  readonly bodies: Array<Buffer>
  readonly closed: () => boolean
}

export const bare = (socket: Socket): Bare => {
  const bodies: Array<Buffer> = []
  const parser = new FrameParser()
  let closed = false
  socket.on("data", (chunk: Buffer) => {
    parser.push(chunk)
    while (parser.next() === "frame")
      bodies.push(Buffer.from(parser.bytes.subarray(parser.start, parser.end)))
  })
  socket.on("error", () => {})
  socket.on("close", () => {
    closed = true
  })
  open.add(async () => {
    socket.destroy()
  })
  return { socket, bodies, closed: () => closed }
}

/** Connects a bare socket to `address`, and writes `bytes`. */
export const call = async (address: string, ...bytes: ReadonlyArray<Uint8Array>): Promise<Bare> => {
  const socket = connect(splitAddress(address))
  const caller = bare(socket)
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject))
  for (const one of bytes) socket.write(one)
  return caller
}

/** The frame of a hello: by default that of a client of cluster "test". */
export const helloFrame = (hello: Partial<Hello> = {}, version?: number): Uint8Array =>
  frameOf(encodeGreeting({ type: "Hello", cluster: "test", peer: null, expected: null, ...hello }, version))

/** The greeting that `caller` was given, once it has come. */
export const greetingTo = (caller: Bare) =>
  until("a greeting", () => {
    const [first] = caller.bodies
    return first === undefined ? undefined : decodeGreeting(first, 0, first.length)
  })

/** A listener that greets as peer `digit` would, or not even that, and leaves the connections to the test. */
export const impostor = async (
  digit: string,
  greets = true,
): Promise<{ readonly self: Contact; readonly calls: Array<Bare>; readonly close: () => void }> => {
  const calls: Array<Bare> = []
  const server = createServer((socket) => {
    calls.push(bare(socket))
    if (greets) socket.write(helloFrame({ peer: { contact: self, boot: 1, disk: SOME_DISK } }))
  })
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve))
  const bound = server.address()
  const self = peerOf(digit, `127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`)
  open.add(async () => {
    server.close()
  })
  return { self, calls, close: () => server.close() }
}

/** Waits until `list` has `count` entries or more. */
export const atLeast = (list: ReadonlyArray<unknown>, count: number, what: string) =>
  until(`${count} ${what}`, () => (list.length >= count ? true : undefined))

/** Gives what should not happen the time to happen. */
export const aWhile = (): Promise<void> => sleep(150)

/** Closes all that the tests have opened; to be called after each. */
export const closeAll = async (): Promise<void> => {
  await Promise.all([...open].map((close) => close()))
  open.clear()
}
