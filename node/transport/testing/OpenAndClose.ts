import { connect } from "node:net"
import * as Effect from "effect/Effect"
import * as RingClient from "../RingClient.ts"
import { splitAddress } from "../../http/HostPort.ts"
import { until } from "../../testing/Until.ts"
import { acquired, atLeast, impostor, peerOf, station } from "./Testbed.ts"

/**
 * A process for PeerTransport.test.ts: opens everything that a transport and a client can have open, in every state,
 * closes their scopes and ends, if nothing is left that keeps it alive. The waits in the transports are hours.
 */
const HOURS = 10_000_000
const limits = { connectMs: HOURS, handshakeMs: HOURS, backoffMs: HOURS, maxBackoffMs: HOURS }

const [a, b] = [await station("a", { limits }), await station("b", { limits, onClient: () => {} })]
const silent = await impostor("c", false)
// Connections in both directions, one that waits to be tried again, three that wait for a greeting.
a.transport.send(b.self, { type: "Ping" })
b.transport.send(a.self, { type: "Ping" })
a.transport.send(peerOf("d", "127.0.0.1:1"), { type: "Ping" })
a.transport.send({ ...silent.self, name: "silent" }, { type: "Ping" })
const resolving = Effect.runPromise(Effect.flip(b.transport.resolve(silent.self.ring)))
const waiting = connect(splitAddress(a.self.ring))
// A client with requests under way, and one that is still connecting.
const { value: client, close } = await acquired(RingClient.connect(b.self.ring, { cluster: "test" }))
const asking = Effect.runPromise(Effect.flip(client.inspect(HOURS)))
const leaving = Effect.runPromise(client.leave(HOURS))
const connecting = Effect.runFork(
  Effect.scoped(RingClient.connect(silent.self.ring, { cluster: "test", deadlineMs: HOURS })),
)
await atLeast(a.heard, 1, "messages")
await atLeast(b.heard, 1, "messages")
await atLeast(a.unreachable, 1, "peers unreachable")
await atLeast(silent.calls, 3, "connections that wait for a greeting")
await until("one more that says nothing", () => (a.transport.stats().inbound === 2 ? true : undefined))
process.stdout.write("opened\n")

connecting.interruptUnsafe()
await close()
await Promise.all([a.close(), b.close()])
await Promise.all([resolving, asking, leaving])
silent.close()
for (const { socket } of silent.calls) socket.destroy()
waiting.destroy()
process.stdout.write("closed\n")
