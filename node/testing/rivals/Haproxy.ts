import { type ChildProcess, spawn } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { splitAddress } from "../../http/HostPort.ts"
import { freePorts } from "../../ports/FreePorts.ts"
import { opened } from "../Opened.ts"
import { until } from "../Until.ts"
import { findProgram } from "./Processes.ts"

export const HAPROXY = "HAProxy"

const config = (listen: string, upstream: string): string => `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend front
  bind ${listen}
  option forwardfor
  default_backend back
backend back
  server one ${upstream}
`

/**
 * One thread of it before `upstream`, with connections kept alive on both sides.
 *
 * @throws Error when HAProxy is not installed
 */
export const startHaproxy = async (
  folder: string,
  upstream: string,
): Promise<{ readonly child: ChildProcess; readonly address: string }> => {
  const program = findProgram("haproxy", "apt-get install haproxy")
  const file = join(folder, "haproxy.cfg")
  await using ports = await opened(freePorts(1))
  const address = `127.0.0.1:${ports.value[0]}`
  await writeFile(file, config(address, upstream))
  const child = spawn(program, ["-db", "-f", file], { stdio: "ignore" })
  await until("HAProxy accepts connections", () => accepts(address))
  return { child, address }
}

const accepts = (address: string): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = connect(splitAddress(address))
    socket.once("error", () => resolve(undefined))
    socket.once("connect", () => {
      socket.destroy()
      resolve(true)
    })
  })
