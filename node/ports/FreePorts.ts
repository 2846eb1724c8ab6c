import { createSocket, type Socket } from "node:dgram"
import { createServer } from "node:net"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import { systemReason } from "../log/SystemReason.ts"

/** Ports handed out: below 32768, where the system takes the ports of outgoing connections from (Linux's default). */
export const FIRST_PORT = 20_000
export const PORT_COUNT = 12_000

/** Coprime to {@link PORT_COUNT}, so that stepping by it visits every port once, and neighbours are not tried in turn. */
const STRIDE = 7919

/** As many as were asked for, and that is one at least. */
export type Ports = readonly [number, ...Array<number>]

/** Fewer free ports than asked for. */
export class NoFreePorts extends Data.TaggedError("NoFreePorts")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/**
 * `count` distinct TCP ports from 20000 to 31999 that could just be bound, on `host` and on all addresses.
 *
 * Until the scope closes nobody else who asks here is given one of them, in this process or another on this
 * machine, even though their users have not bound them yet: each is claimed by a UDP socket on the same number,
 * which stops nobody from using TCP there and which the system takes back however this process ends. Close the scope
 * once the ports are in use.
 *
 * @param count 1 or more
 * @param host numeric address to try, or a name
 * @param start where in the range to begin to look, from 0; different at each call unless given
 */
export const freePorts = Effect.fnUntraced(function* (
  count: number,
  host = "127.0.0.1",
  start = startingPoint(),
): Effect.fn.Return<Ports, NoFreePorts, Scope> {
  const claims = new Set<Socket>()
  yield* Effect.addFinalizer(() => Effect.sync(() => claims.forEach((claim) => claim.close())))
  const ports: Array<number> = []
  for (let tried = 0; tried < PORT_COUNT && ports.length < count; tried++) {
    const port = FIRST_PORT + ((start + tried * STRIDE) % PORT_COUNT)
    const problem = yield* Effect.promise(() => claim(port, host, claims))
    if (problem === null) ports.push(port)
    else if (!TAKEN.has(problem)) {
      return yield* new NoFreePorts({
        reason: `cannot listen on ${host}: ${problem}; give an address of this machine`,
      })
    }
  }
  if (ports.length === count) return ports as ReadonlyArray<number> as Ports
  return yield* new NoFreePorts({
    reason: `of ${count} free ports on ${host} only ${ports.length} are left between ${FIRST_PORT} and ${FIRST_PORT + PORT_COUNT - 1}; end what uses them`,
  })
})

/** Why another port may do. */
const TAKEN = new Set(["EADDRINUSE", "EACCES"])

/** Different for each process and each call, without randomness that a seed ought to govern. */
const startingPoint = (): number =>
  Number((BigInt(process.pid) * 2_654_435_761n + process.hrtime.bigint() / 1000n) % BigInt(PORT_COUNT))

/**
 * Claims `port` if it can be bound. The claim stands in `claims` from the start, so that none is ever forgotten.
 *
 * @returns null, or the system's code for why not
 */
const claim = async (port: number, host: string, claims: Set<Socket>): Promise<string | null> => {
  const socket = createSocket("udp4").unref()
  claims.add(socket)
  const problem =
    (await bindUdp(socket, port)) ?? (await bindTcp({ port, host })) ?? (await bindTcp({ port }))
  if (problem !== null) {
    claims.delete(socket)
    socket.close()
  }
  return problem
}

const bindUdp = (socket: Socket, port: number): Promise<string | null> =>
  new Promise((resolve) => {
    socket.once("error", (error) => resolve(systemReason(error)))
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => resolve(null))
  })

/** Without a host: on all addresses. */
const bindTcp = (address: { readonly port: number; readonly host?: string }): Promise<string | null> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", (error) => resolve(systemReason(error)))
    server.listen({ ...address, exclusive: true }, () => server.close(() => resolve(null)))
  })
