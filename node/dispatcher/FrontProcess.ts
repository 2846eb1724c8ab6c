import * as http from "node:http"
import * as net from "node:net"
import * as Effect from "effect/Effect"
import { splitAddress } from "../http/HostPort.ts"
import { makeDispatcher } from "./Dispatcher.ts"

/**
 * The other processes of benchmarks of HTTP, one role each: `upstream`, which is a service too (PORT); `dispatcher UPSTREAM` and `node UPSTREAM`,
 * which pass requests on to it. Tells its parent where it listens, and ends with it.
 */

const BODY = "x".repeat(128)
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${BODY.length}\r\nRingstead-Peer: peer\r\n\r\n${BODY}`

/** Answers every GET as fast as node can: it does not read them, it counts blank lines. */
const upstream = (): net.Server =>
  net.createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy())
    socket.on("data", (bytes) => {
      let answers = 0
      for (let at = bytes.indexOf("\r\n\r\n"); at >= 0; at = bytes.indexOf("\r\n\r\n", at + 4)) answers++
      if (answers > 0) socket.write(ANSWER.repeat(answers), "latin1")
    })
  })

/** What one writes with node's own modules: node:http on both sides, connections kept alive. */
const nodeProxy = (target: string): net.Server => {
  const { host, port } = splitAddress(target)
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 })
  return http.createServer((request, response) => {
    const { method, url, headers } = request
    const onward = http.request({ host, port, agent, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on("error", () => response.destroy())
    request.pipe(onward)
  })
}

const listen = (server: net.Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen({ host: "127.0.0.1", port: Number(process.env["PORT"] ?? 0) }, () => {
      const bound = server.address()
      resolve(`127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`)
    })
  })

/** All cells are led by one peer, whose ingress the upstream plays. */
const dispatcher = (target: string): Promise<string> =>
  new Promise((resolve) => {
    const serving = Effect.gen(function* () {
      const { address } = yield* makeDispatcher(
        {
          genesis: {
            version: 1,
            cluster: "bench",
            cells: 128,
            replicas: 3,
            successors: 2,
            hash: ["sha1"],
            secret: "5e".repeat(32),
            founders: [],
          },
          listen: "127.0.0.1:0",
          client: [{ kind: "cookie" }],
          routes: new Map(),
          deadlineMs: 10_000,
          bodyLimit: 1_048_576,
        },
        { reachable: () => true, find: () => Promise.resolve({ name: "peer", http: target }) },
      )
      resolve(address)
      return yield* Effect.never
    })
    Effect.runFork(Effect.scoped(serving))
  })

const [role, target = ""] = process.argv.slice(2)
process.on("disconnect", () => process.exit(0))
const address = await (role === "upstream"
  ? listen(upstream())
  : role === "node"
    ? listen(nodeProxy(target))
    : dispatcher(target))
process.send?.(address)
