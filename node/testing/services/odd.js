/**
 * Does on demand what a service should not; anything else is counted (`{"count": N}`, of all clients).
 * Start: `PORT=8080 node odd.js`.
 *
 *     /hang          never answers
 *     /events        an event stream, without end
 *     /drip          begins an answer and leaves it open
 *     /early         closes the connection without an answer
 *     /short         promises 100 bytes and closes after 3
 *     /garbage       answers what is no HTTP
 *     /bytes/N       answers N bytes
 *     /chunked/N     the same, without saying how many
 *     /die           ends the process
 */
import { createServer } from "node:http"

let count = 0

createServer((request, response) => {
  const [, what, bytes] = (request.url ?? "/").split("/")
  const { socket } = response
  switch (what) {
    case "hang":
      return
    case "events":
      response.writeHead(200, { "Content-Type": "text/event-stream" })
      response.write("data: 1\n\n")
      return
    case "drip":
      response.write("and then")
      return
    case "early":
      socket?.destroy()
      return
    case "short":
      response.writeHead(200, { "Content-Length": 100 })
      response.write("abc", () => socket?.destroy())
      return
    case "garbage":
      socket?.end("hello\r\n\r\n")
      return
    case "bytes":
      response.end(Buffer.alloc(Number(bytes), "x"))
      return
    case "chunked":
      response.flushHeaders()
      response.end(Buffer.alloc(Number(bytes), "x"))
      return
    case "die":
      process.exit(3)
    default:
      count++
      response.setHeader("Content-Type", "application/json")
      response.end(JSON.stringify({ count }))
  }
}).listen(Number(process.env.PORT), "127.0.0.1")
