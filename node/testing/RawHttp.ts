import { once } from "node:events"
import { connect, createServer, type Server, type Socket } from "node:net"
import { splitAddress } from "../http/HostPort.ts"

/** One connection on which a test says byte for byte what it wants; latin1 both ways. */
export interface RawConnection {
  readonly socket: Socket
  /** All that was received so far. */
  readonly received: () => string
  /** Whether the other side has closed or reset. */
  readonly closed: () => boolean
  readonly write: (text: string | Buffer) => Promise<void>
  /** Waits until what was received satisfies `done`. */
  readonly until: (what: string, done: (received: string) => boolean) => Promise<string>
  /** Waits until the other side closes. @returns all that was received. */
  readonly end: () => Promise<string>
  readonly [Symbol.dispose]: () => void
}

const DEADLINE_MS = 5_000

const watch = (socket: Socket): RawConnection => {
  let text = ""
  let over = false
  const waiting = new Set<() => void>()
  const changed = (): void => {
    for (const look of waiting) look()
  }
  socket.setNoDelay(true)
  socket.setEncoding("latin1")
  socket.on("data", (more: string) => {
    text += more
    changed()
  })
  socket.on("error", () => undefined)
  for (const event of ["end", "close"]) {
    socket.on(event, () => {
      over = true
      changed()
    })
  }
  const wait = (what: string, done: () => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        waiting.delete(look)
        clearTimeout(timer)
      }
      const look = (): void => {
        if (!done()) return
        end()
        resolve(text)
      }
      const timer = setTimeout(() => {
        end()
        reject(new Error(`not within ${DEADLINE_MS} ms: ${what}; received: ${JSON.stringify(text)}`))
      }, DEADLINE_MS)
      waiting.add(look)
      look()
    })
  return {
    socket,
    received: () => text,
    closed: () => over,
    write: (bytes) =>
      new Promise((resolve) => {
        const piece = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes
        socket.write(piece, () => setImmediate(resolve))
      }),
    until: (what, done) => wait(what, () => done(text)),
    end: () => wait("the other side closes", () => over),
    [Symbol.dispose]: () => socket.destroy(),
  }
}

/** Connects to `address` (`host:port`). */
export const rawConnection = async (address: string): Promise<RawConnection> => {
  const socket = connect({ ...splitAddress(address), allowHalfOpen: true })
  await once(socket, "connect")
  return watch(socket)
}

/** Sends `pieces` one after another and returns all that comes back until the other side closes. */
export const talk = async (address: string, ...pieces: ReadonlyArray<string | Buffer>): Promise<string> => {
  using connection = await rawConnection(address)
  for (const piece of pieces) await connection.write(piece)
  return await connection.end()
}

/** The status codes of the responses in `text`, interim ones included. */
export const statuses = (text: string): ReadonlyArray<number> =>
  [...text.matchAll(/HTTP\/1\.1 ([0-9]{3}) /g)].map((match) => Number(match[1]))

/** A server that a test plays by hand. */
export interface RawServer {
  /** `host:port`. */
  readonly address: string
  /** Every connection accepted so far, in order. */
  readonly connections: ReadonlyArray<RawConnection>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** Listens on a port of its own; `onConnection` may answer. */
export const rawServer = async (onConnection?: (connection: RawConnection) => void): Promise<RawServer> => {
  const connections: Array<RawConnection> = []
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = watch(socket)
    connections.push(connection)
    onConnection?.(connection)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const bound = server.address()
  if (bound === null || typeof bound === "string") throw new Error("no port")
  return {
    address: `127.0.0.1:${bound.port}`,
    connections,
    [Symbol.asyncDispose]: async () => {
      for (const { socket } of connections) socket.destroy()
      server.close()
      await once(server, "close")
    },
  }
}

/** Answers every request that arrives on `connection` with `respond(head)`; for requests without a body. */
export const answering =
  (respond: (head: string, index: number) => string) =>
  (connection: RawConnection): void => {
    let seen = 0
    let index = 0
    connection.socket.on("data", () => {
      for (;;) {
        const text = connection.received()
        const end = text.indexOf("\r\n\r\n", seen)
        if (end < 0) return
        const head = text.slice(seen, end + 4)
        seen = end + 4
        connection.socket.write(respond(head, index++), "latin1")
      }
    })
  }
