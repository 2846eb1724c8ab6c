import { createSocket } from "node:dgram"
import { createServer } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { freePorts } from "../../ports/FreePorts.ts"
import { type Refusal, unavailable } from "../Refusal.ts"

/** Where dispatchers listen when nobody says where, if it is free: one can remember it, and the README can name it. */
export const USUAL_PORT = 20_080

/** `count` free ports; nobody else who asks there is given them until the scope closes. */
export const claimPorts = (count: number): Effect.Effect<ReadonlyArray<number>, Refusal, Scope.Scope> =>
  Effect.mapError(freePorts(count), (error) => unavailable(error.reason))

/** As {@link claimPorts}, in pairs. */
export const claimPortPairs = (
  count: number,
): Effect.Effect<ReadonlyArray<readonly [number, number]>, Refusal, Scope.Scope> =>
  Effect.map(claimPorts(2 * count), (ports) =>
    ports.flatMap((port, i): ReadonlyArray<readonly [number, number]> => {
      const next = ports[i + 1]
      return i % 2 === 0 && next !== undefined ? [[port, next]] : []
    }),
  )

/**
 * The usual ports from {@link USUAL_PORT} on, or, where one of them is not to be had, any free ones. Claimed like the
 * others: two `up` that start at once do not both get the usual ones.
 */
export const dispatcherPorts = (count: number): Effect.Effect<ReadonlyArray<number>, Refusal, Scope.Scope> =>
  Effect.gen(function* () {
    const usual = Array.from({ length: count }, (_, i) => USUAL_PORT + i)
    for (const port of usual) {
      const free = (yield* claimUdp(port)) && (yield* isFreeTcp(port))
      if (!free) return yield* claimPorts(count)
    }
    return usual
  })

/** Holds UDP port `port`, which says to whoever looks for free ports that its number is spoken for. */
const claimUdp = (port: number): Effect.Effect<boolean, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<ReturnType<typeof createSocket> | null>((resume) => {
        const socket = createSocket("udp4").unref()
        socket.once("error", () => {
          socket.close()
          resume(Effect.succeed(null))
        })
        socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => resume(Effect.succeed(socket)))
      }),
      (socket) => Effect.sync(() => socket?.close()),
    ),
    (socket) => socket !== null,
  )

const isFreeTcp = (port: number): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const server = createServer()
    server.once("error", () => resume(Effect.succeed(false)))
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
      server.close(() => resume(Effect.succeed(true))),
    )
  })
