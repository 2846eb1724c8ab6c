import { connect } from "node:net"

/**
 * Says something that no protocol knows through a link, and waits for whatever comes back, be it that the other side hangs
 * up: what a link does to bytes, seen from outside.
 *
 * @param address `host:port`
 * @returns how long that took in ms, or null if nothing came in time
 */
export const probe = (address: string, deadlineMs: number): Promise<number | null> =>
  new Promise((resolve) => {
    const start = performance.now()
    const colon = address.lastIndexOf(":")
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) })
    const end = (took: number | null): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(took)
    }
    const timer = setTimeout(() => end(null), deadlineMs)
    socket.once("connect", () => socket.write("GET / HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n"))
    socket.once("data", () => end(performance.now() - start))
    socket.once("close", () => end(performance.now() - start))
    socket.on("error", () => {})
  })
