import type { Socket } from "node:net"

/**
 * For `net.connect` and `net.createServer`: a connection on which nothing happens is tried after 30 s, and given up
 * when the other host answers none of ten tries a second apart. So a host that lost its power is noticed even by
 * those who only listen.
 */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelay: 30_000 }

/** Sockets that are open, so that none is left when their owner goes. */
export class Sockets {
  private readonly open = new Set<Socket>()
  private onEmpty: (() => void) | undefined

  add(socket: Socket): Socket {
    this.open.add(socket)
    socket.once("close", () => {
      this.open.delete(socket)
      if (this.open.size === 0) this.onEmpty?.()
    })
    return socket
  }

  /** Destroys all of them; `done` is called when the system has taken the last one back. */
  destroyAll(done: () => void): void {
    for (const socket of this.open) socket.destroy()
    if (this.open.size === 0) done()
    else this.onEmpty = done
  }
}
