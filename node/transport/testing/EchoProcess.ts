import { createServer, type Server, type Socket } from "node:net"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import { EchoRpcs } from "./EchoRpcs.ts"
import { FrameParser, HEADER_BYTES } from "../Frame.ts"
import { makeTransport } from "../PeerTransport.ts"
import { someDisk } from "./SomeDisk.ts"
import { fromHex } from "../../../core/ring/RingId.ts"

/**
 * The other process of Transport.bench.ts: says back whatever it is told, by each of the ways compared. Tells its
 * parent where to reach it, and ends with it.
 */

/** What the parent is told. */
export interface EchoPorts {
  readonly raw: number
  /** Connect twice: what is said on the first connection comes back on the second. */
  readonly pair: number
  readonly ring: string
  readonly rpc: number
}

/**
 * Frames as the transport makes them, and nothing else: what comes in one chunk goes back in one write.
 *
 * @param pairs whether answers go out on a connection of their own, as those between peers do
 */
const listenRaw = (pairs: boolean): Promise<Server> =>
  new Promise((resolve) => {
    let first: Socket | undefined
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on("error", () => socket.destroy())
      if (!pairs) return echo(socket, socket)
      if (first === undefined) first = socket
      else echo(first, socket)
    })
    server.listen({ host: "127.0.0.1", port: 0 }, () => resolve(server))
  })

const echo = (from: Socket, to: Socket): void => {
  const parser = new FrameParser()
  from.on("data", (chunk: Buffer) => {
    parser.push(chunk)
    to.cork()
    while (parser.next() === "frame") {
      to.write(Buffer.from(parser.bytes.subarray(parser.start - HEADER_BYTES, parser.end)))
    }
    to.uncork()
  })
}

const portOf = (server: Server): number => {
  const bound = server.address()
  return typeof bound === "object" && bound !== null ? bound.port : 0
}

const rpcHandlers = EchoRpcs.toLayer({ Echo: ({ text }) => Effect.succeed(text) })

const main = Effect.gen(function* () {
  const raw = yield* Effect.promise(() => listenRaw(false))
  const pair = yield* Effect.promise(() => listenRaw(true))
  const transport = yield* makeTransport({
    cluster: "bench",
    self: {
      id: fromHex("b".repeat(40)),
      incarnation: 1,
      name: "echo",
      ring: "127.0.0.1:1",
      http: "127.0.0.1:1",
    },
    boot: 1,
    disk: someDisk,
    listen: "127.0.0.1:0",
    routes: new Map(),
    onMessage: (from, message) => transport.send(from, message),
    onUnreachable: () => {},
    onClient: () => {},
    onProblem: (text) => process.stderr.write(`${text}\n`),
  })
  // Effect's server does not say which port it got, so one is found for it.
  const spare = yield* Effect.promise(() => listenRaw(false))
  const rpc = portOf(spare)
  yield* Effect.callback<void>((resume) => {
    spare.close(() => resume(Effect.void))
  })
  yield* Layer.build(
    RpcServer.layer(EchoRpcs).pipe(
      Layer.provide(rpcHandlers),
      Layer.provide(RpcServer.layerProtocolSocketServer),
      Layer.provide(NodeSocketServer.layer({ host: "127.0.0.1", port: rpc, noDelay: true })),
      Layer.provide(RpcSerialization.layerSchemaBinary()),
    ),
  )
  const ports: EchoPorts = { raw: portOf(raw), pair: portOf(pair), ring: transport.self.ring, rpc }
  process.send?.(ports)
  return yield* Effect.never
})

process.on("disconnect", () => process.exit(0))
Effect.runFork(Effect.scoped(main))
