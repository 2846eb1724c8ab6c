import { mkdir } from "node:fs/promises"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { freePorts } from "../../ports/FreePorts.ts"
import { opened } from "../Opened.ts"
import { until } from "../Until.ts"
import { findProgram, Processes } from "./Processes.ts"
import { MEMBERS } from "./Rival.ts"

export const REDIS = "Redis"

export interface Redis extends AsyncDisposable {
  readonly port: number
}

/** All replicas must have the write: as safe as it gets without WAITAOF. */
const WAIT = command("WAIT", String(MEMBERS - 1), "0")

/**
 * A primary and two replicas, each of which flushes every write (`appendfsync always`), below `folder`.
 *
 * @throws Error when Redis is not installed
 */
export const startRedis = async (folder: string): Promise<Redis> => {
  const program = findProgram("redis-server", "apt-get install redis-server")
  await using stack = new AsyncDisposableStack()
  const { value: ports } = stack.use(await opened(freePorts(MEMBERS)))
  const processes = stack.use(new Processes())
  const [primary] = ports
  for (const port of ports) {
    const directory = join(folder, String(port))
    await mkdir(directory, { recursive: true })
    const flushing = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
    const follows = port === primary ? [] : ["--replicaof", "127.0.0.1", String(primary)]
    const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory]
    processes.start(program, [...place, ...flushing, ...follows], directory)
  }
  await until("both replicas follow", async () => {
    const client = await redisClient(primary).catch(() => undefined)
    if (client === undefined) return undefined
    const replicas = await new Promise((resolve) => client.putAll(["ready"], "", resolve))
    client.close()
    return replicas === MEMBERS - 1 ? true : undefined
  })
  const owned = stack.move()
  return { port: primary, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

export interface RedisClient {
  /** Sets all keys to the value, and waits once until both replicas have them; `done` hears how many replicas do. */
  readonly putAll: (keys: ReadonlyArray<string>, value: string, done: (replicas: number) => void) => void
  readonly close: () => void
}

/** One connection, one group of writes at a time on it. */
export const redisClient = async (port: number): Promise<RedisClient> => {
  const socket: Socket = connect({ host: "127.0.0.1", port, noDelay: true })
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject))
  let text = ""
  let waiting: { readonly lines: number; readonly done: (replicas: number) => void } | undefined
  socket.setEncoding("latin1").on("data", (piece: string) => {
    text += piece
    const lines = text.split("\r\n")
    if (waiting === undefined || lines.length <= waiting.lines) return
    const { done } = waiting
    const replicas = /^:(\d+)$/.exec(lines[waiting.lines - 1] ?? "")?.[1]
    text = ""
    waiting = undefined
    done(Number(replicas ?? -1))
  })
  socket.on("error", () => socket.destroy())
  return {
    putAll: (keys, value, done) => {
      waiting = { lines: keys.length + 1, done }
      socket.write(keys.map((key) => command("SET", key, value)).join("") + WAIT)
    },
    close: () => socket.destroy(),
  }
}

function command(...words: ReadonlyArray<string>): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`
}
