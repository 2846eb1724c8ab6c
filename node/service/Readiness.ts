import { connect } from "node:net"
import * as Effect from "effect/Effect"

/** Loopback addresses that a service may be listening on, tried in this order. */
const HOSTS = ["127.0.0.1", "::1"]

/** How long one attempt to connect may take, in ms; on loopback it is answered at once or the machine is stuck. */
const CONNECT_MS = 1000

/**
 * Waits until something accepts a connection on `port` of this machine, however long that takes.
 *
 * Asks every 20 ms at first and ever more rarely, so that what it adds to a start stays below an eighth of it.
 *
 * @returns the address that accepted, `127.0.0.1` or `::1`
 */
export const untilAccepts = Effect.fnUntraced(function* (port: number) {
  for (let waited = 0; ;) {
    for (const host of HOSTS) {
      if (yield* accepts(host, port)) return host
    }
    const pause = Math.min(250, Math.max(20, waited / 8))
    yield* Effect.sleep(pause)
    waited += pause
  }
})

/** Whether something accepts a connection there now. */
export const accepts = (host: string, port: number): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const socket = connect({ host, port, timeout: CONNECT_MS })
    const answer = (yes: boolean): void => {
      socket.destroy()
      resume(Effect.succeed(yes))
    }
    socket.once("connect", () => answer(true))
    socket.once("timeout", () => answer(false))
    socket.on("error", () => answer(false))
    return Effect.sync(() => socket.destroy())
  })
