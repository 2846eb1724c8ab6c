/**
 * Two worker processes that share nothing but the port, so that a client's state is in one of them by chance: what
 * mode replay cannot serve. Counts visits by cookie. Start: `PORT=8080 node workers.js`.
 */
import cluster from "node:cluster"
import { createServer } from "node:http"

if (cluster.isPrimary) {
  cluster.fork()
  cluster.fork()
} else {
  const visits = new Map()
  createServer((request, response) => {
    const client = request.headers.cookie ?? "nobody"
    const count = (visits.get(client) ?? 0) + 1
    visits.set(client, count)
    response.setHeader("Content-Type", "application/json")
    // Without keep-alive each request goes to the worker whose turn it is.
    response.setHeader("Connection", "close")
    response.end(JSON.stringify({ visits: count }))
  }).listen(Number(process.env.PORT), "127.0.0.1")
}
