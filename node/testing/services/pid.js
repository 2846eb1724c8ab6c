/** Says who it is: `{"pid": 4711, "visits": N}` on /json, lines of text elsewhere. Start: `PORT=8080 node pid.js`. */
import { createServer } from "node:http"

const visits = new Map()

createServer((request, response) => {
  const client = request.headers.cookie ?? "nobody"
  const count = (visits.get(client) ?? 0) + 1
  visits.set(client, count)
  if (request.url === "/json") {
    response.setHeader("Content-Type", "application/json")
    response.end(JSON.stringify({ pid: process.pid, visits: count }))
  } else {
    response.setHeader("Content-Type", "text/plain")
    response.end(`visit ${count}\nserved by pid ${process.pid} of this machine\n`)
  }
}).listen(Number(process.env.PORT), "127.0.0.1")
