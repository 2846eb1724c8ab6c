import { expect, test } from "vitest"
import { defaultLimits } from "../http/HttpLimits.ts"
import { parseRequestHead } from "../http/RequestHead.ts"
import { forwardedHead } from "./ForwardedHead.ts"

const forward = (first: string, ...fields: ReadonlyArray<string>): ReadonlyArray<string> => {
  const bytes = Buffer.from([first, ...fields, "", ""].join("\r\n"), "latin1")
  const head = parseRequestHead(bytes, 0, bytes.length, defaultLimits)
  if (head?.ok !== true) throw new Error(JSON.stringify(head))
  const lines = forwardedHead(head, 3, "10.0.0.7", "here:80").split("\r\n")
  expect(lines.pop()).toBe("")
  return lines
}

const ADDED = ["X-Forwarded-For: 10.0.0.7", "X-Forwarded-Proto: http", "X-Forwarded-Host: shop"]

test("what the client said is passed on as it said it, and who it is is added", () => {
  expect(forward("GET /x?y HTTP/1.1", "HoST: shop", "A:b", "C:  \xe9 ")).toEqual([
    "GET /x?y HTTP/1.1",
    "HoST: shop",
    "A:b",
    "C:  \xe9 ",
    "Content-Length: 3",
    ...ADDED,
  ])
})

test("what concerns the client's connection, and what only Ringstead may say, is not", () => {
  expect(
    forward(
      "POST / HTTP/1.1",
      "Connection: keep-alive, X-Hop, Host, Content-Length, X-Forwarded-For",
      "X-Hop: 1",
      "Host: shop",
      "Keep-Alive: timeout=5",
      "TE: trailers",
      "Trailer: X",
      "Proxy-Authorization: x",
      "Proxy-Connection: x",
      "Transfer-Encoding: chunked",
      "Expect: 100-continue",
      "Ringstead-Client: forged",
      "RINGSTEAD-anything: forged",
      // To a service behind CGI or WSGI it would be the same field.
      "Ringstead_Client: forged",
      "A: b",
    ),
  ).toEqual(["POST / HTTP/1.1", "Host: shop", "A: b", "Content-Length: 3", ...ADDED])
})

test("a proxy before us is believed, and continued", () => {
  expect(
    forward(
      "GET / HTTP/1.1",
      "Host: shop",
      "X-Forwarded-For: 1.1.1.1, 2.2.2.2",
      "X-Forwarded-For: 3.3.3.3",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Host: www",
    ),
  ).toEqual([
    "GET / HTTP/1.1",
    "Host: shop",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: www",
    "Content-Length: 3",
    "X-Forwarded-For: 1.1.1.1, 2.2.2.2, 3.3.3.3, 10.0.0.7",
  ])
})

test("our cookie is kept from the service, others are not", () => {
  expect(forward("GET / HTTP/1.1", "Host: shop", "Cookie: a=b; ringstead=x.y; c=d")).toContain(
    "Cookie: a=b; c=d",
  )
  expect(forward("GET / HTTP/1.1", "Host: shop", "Cookie: ringstead=x.y").join()).not.toContain("Cookie")
  expect(forward("GET / HTTP/1.1", "Host: shop", "Cookie: ringsteader=1")).toContain("Cookie: ringsteader=1")
})

test("an old or an absolute request becomes a plain one of 1.1", () => {
  expect(forward("GET /x HTTP/1.0")).toEqual([
    "GET /x HTTP/1.1",
    "Host: here:80",
    "Content-Length: 3",
    "X-Forwarded-For: 10.0.0.7",
    "X-Forwarded-Proto: http",
  ])
  expect(forward("GET http://shop/x HTTP/1.1", "Host: other")).toEqual([
    "GET /x HTTP/1.1",
    "Host: shop",
    "Content-Length: 3",
    ...ADDED,
  ])
})
