import { existsSync, mkdirSync, readdirSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { join } from "node:path"

/**
 * Services that cost next to nothing, for rings of many processes: each is a sleeping shell that leaves a note of its
 * port, and this process listens there in its place.
 */
export interface StandIn extends AsyncDisposable {
  /** The service's command line. */
  readonly command: string
}

const LOOK_EVERY_MS = 10

/** @param folder where the notes go, without blanks or quotes in its path; made if missing */
export const standIn = (folder: string): StandIn => {
  mkdirSync(folder, { recursive: true })
  const servers = new Map<string, Server>()
  const look = setInterval(() => {
    if (!existsSync(folder)) return
    for (const port of readdirSync(folder)) {
      if (servers.has(port)) continue
      const server = createServer((socket) => socket.on("error", () => {}).resume()).listen(
        Number(port),
        "127.0.0.1",
      )
      servers.set(port, server)
    }
  }, LOOK_EVERY_MS)
  return {
    command: `: > "${join(folder, "$PORT")}"; exec sleep 1000000`,
    [Symbol.asyncDispose]: async () => {
      clearInterval(look)
      await Promise.all(
        [...servers.values()].map((server) => new Promise((resolve) => server.close(resolve))),
      )
    },
  }
}
