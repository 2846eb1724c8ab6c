import { createServer, type Server } from "node:net"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import { EchoRpcs } from "./EchoRpcs.ts"
import { FrameParser } from "./Frame.ts"
import { makeTransport } from "./PeerTransport.ts"
import { fromHex } from "../../core/ring/RingId.ts"

/**
 * The other process of Transport.bench.ts: says back whatever it is told, by each of the ways compared. Tells its
 * parent where to reach it, and ends with it.
 */

/** What the parent is told. */
export interface EchoPorts {
  readonly raw: number
  readonly ring: string
  readonly rpc: number
}

/** Frames as the transport makes them, and nothing else: what comes in one chunk goes back in one write. */
const listenRaw = (): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer({ noDelay: true }, (socket) => {
      const parser = new FrameParser()
      socket.on("data", (chunk: Buffer) => {
        parser.push(chunk)
        socket.cork()
        while (parser.next() === "frame") {
          const body = Buffer.from(parser.bytes.subarray(parser.start - 4, parser.end))
          socket.write(body)
        }
        socket.uncork()
      })
      socket.on("error", () => socket.destroy())
    })
    server.listen({ host: "127.0.0.1", port: 0 }, () => resolve(server))
  })

const portOf = (server: Server): number => {
  const bound = server.address()
  return typeof bound === "object" && bound !== null ? bound.port : 0
}

const rpcHandlers = EchoRpcs.toLayer({ Echo: ({ text }) => Effect.succeed(text) })

const main = Effect.gen(function* () {
  const raw = yield* Effect.promise(listenRaw)
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
    listen: "127.0.0.1:0",
    routes: new Map(),
    onMessage: (from, message) => transport.send(from, message),
    onUnreachable: () => {},
    onClient: () => {},
    onProblem: (text) => process.stderr.write(`${text}\n`),
  })
  // Effect's server does not say which port it got, so one is found for it.
  const spare = yield* Effect.promise(listenRaw)
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
  const ports: EchoPorts = { raw: portOf(raw), ring: transport.self.ring, rpc }
  process.send?.(ports)
  yield* Effect.never
})

process.on("disconnect", () => process.exit(0))
Effect.runFork(Effect.scoped(main))
