import { execFile } from "node:child_process"
import { connect } from "node:net"
import { promisify } from "node:util"
import { splitAddress } from "../http/HostPort.ts"

const run = promisify(execFile)

/** Puts a load on an HTTP server and says how many requests it answered. */
export type HttpLoad = (address: string, connections: number, seconds: number) => Promise<number>

/** wrk, when it is installed, since it costs least itself; else {@link ownLoad}. */
export const httpLoad = async (): Promise<HttpLoad> => {
  try {
    // It says its version and fails.
    await run("wrk", ["-v"])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return ownLoad
  }
  return wrk
}

const wrk: HttpLoad = async (address, connections, seconds) => {
  const options = ["-t1", `-c${connections}`, `-d${seconds}s`, `http://${address}/`]
  const { stdout } = await run("wrk", options)
  const requests = /([0-9]+) requests in /.exec(stdout)?.[1]
  if (requests === undefined || /Socket errors|Non-2xx/.test(stdout)) {
    throw new Error(`wrk against ${address} did not go well: ${stdout.replaceAll(/\s+/g, " ")}`)
  }
  return Number(requests)
}

/** The next request on a connection goes out when the answer to the one before it is whole. */
const ownLoad: HttpLoad = async (address, connections, seconds) => {
  const { host, port } = splitAddress(address)
  const request = `GET / HTTP/1.1\r\nHost: ${address}\r\n\r\n`
  let answered = 0
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect({ host, port, noDelay: true })
    let left = -1
    socket.on("data", (bytes) => {
      if (left < 0) {
        const end = bytes.indexOf("\r\n\r\n")
        const length = /\r\ncontent-length: ([0-9]+)/i.exec(bytes.toString("latin1", 0, end))?.[1]
        left = Number(length) - (bytes.length - end - 4)
      } else {
        left -= bytes.length
      }
      if (left > 0) return
      left = -1
      answered++
      socket.write(request, "latin1")
    })
    socket.on("error", () => socket.destroy())
    socket.write(request, "latin1")
    return socket
  })
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  for (const socket of sockets) socket.destroy()
  return answered
}
