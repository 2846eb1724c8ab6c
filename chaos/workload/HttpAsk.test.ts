import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, expect, test } from "vitest"
import { HttpAsk } from "./HttpAsk.ts"

const open: Array<http.Server> = []

afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const served = async (answer: http.RequestListener): Promise<string> => {
  const server = http.createServer(answer)
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.each([
  [200, {}, '{"value":3}', { type: "ok", value: 3, peer: "p1" }],
  [201, {}, '{"value":{"tea":1}}', { type: "ok", value: { tea: 1 }, peer: "p1" }],
  [200, {}, "<html>", { type: "info", error: "no answer of the service: <html>" }],
  // Nothing was executed only where the answer says so; after any other it may have been.
  [503, { "Ringstead-Status": "overloaded" }, "try again", { type: "fail", error: "503 try again" }],
  [503, { "Ringstead-Status": "no-leader" }, "wait", { type: "info", error: "503 wait" }],
  [502, {}, "", { type: "info", error: "502 " }],
  [500, {}, "of the service", { type: "info", error: "500 of the service" }],
] as const)("status %i with %o is told as it is", async (status, headers, text, told) => {
  const url = await served((_, response) =>
    response.writeHead(status, { ...headers, "Ringstead-Peer": "p1" }).end(text),
  )
  const ask = new HttpAsk(url)
  expect(await ask.ask("GET", "/")).toMatchObject(told)
  ask.close()
})

test("nothing listens: it was never asked; a connection that breaks: nobody knows", async () => {
  const refused = new HttpAsk("http://127.0.0.1:9")
  expect(await refused.ask("POST", "/")).toMatchObject({ type: "fail", value: null })
  const url = await served((request) => request.socket.destroy())
  const broken = new HttpAsk(url)
  expect(await broken.ask("POST", "/")).toMatchObject({ type: "info", value: null, error: "socket hang up" })
  const half = new HttpAsk(
    await served((_, response) => {
      response.writeHead(200, { "Content-Length": "100" }).write("{")
      setImmediate(() => response.destroy())
    }),
  )
  expect(await half.ask("POST", "/")).toMatchObject({ type: "info", error: "aborted" })
})

test("a client keeps its cookies, says who it is, and sends what it is given", async () => {
  const seen: Array<string> = []
  const url = await served((request, response) => {
    const { authorization = "", cookie = "" } = request.headers
    let body = ""
    request.on("data", (bytes: Buffer) => (body += bytes.toString()))
    request.on("end", () => {
      seen.push(`${request.method} ${request.url} ${authorization} [${cookie}] ${body}`)
      response.setHeader("Set-Cookie", [`visit=${seen.length}; Path=/; HttpOnly`, "a=b"])
      response.end('{"value":null}')
    })
  })
  const ask = new HttpAsk(url)
  await ask.ask("GET", "/one")
  await ask.ask("POST", "/two", { item: "tea" })
  ask.close()
  const user = new HttpAsk(url, "ada")
  await user.ask("DELETE", "/three")
  user.close()
  expect(seen).toEqual([
    "GET /one  [] ",
    'POST /two  [visit=1; a=b] {"item":"tea"}',
    `DELETE /three Basic ${btoa("ada:secret")} [] `,
  ])
})
