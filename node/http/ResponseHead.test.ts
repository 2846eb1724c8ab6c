import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { defaultLimits } from "./HttpLimits.ts"
import { CHUNKED, NO_BODY, parseResponseHead, UNTIL_CLOSE } from "./ResponseHead.ts"

const parse = (text: string, method = "GET") => {
  const bytes = Buffer.from(text, "latin1")
  return parseResponseHead(bytes, 0, bytes.length, defaultLimits, method)
}

const lines = (...all: ReadonlyArray<string>): string => all.map((line) => `${line}\r\n`).join("")
const ok = (...fields: ReadonlyArray<string>): string => lines("HTTP/1.1 200 OK", ...fields, "")

describe("where the body ends", () => {
  test.each([
    ["its length", ok("Content-Length: 5"), "GET", 5],
    ["the same length twice", ok("Content-Length: 5", "Content-Length: 5"), "GET", 5],
    ["chunks", ok("Transfer-Encoding: chunked"), "GET", CHUNKED],
    ["neither", ok(), "GET", UNTIL_CLOSE],
    ["HEAD", ok("Content-Length: 5"), "HEAD", NO_BODY],
    ["204", lines("HTTP/1.1 204 No Content", "Content-Length: 5", ""), "GET", NO_BODY],
    ["304", lines("HTTP/1.1 304 Not Modified", "Transfer-Encoding: chunked", ""), "GET", NO_BODY],
    ["an interim answer", lines("HTTP/1.1 103 Early Hints", ""), "GET", NO_BODY],
  ])("%s", (_, text, method, framing) => {
    expect(parse(text, method)).toMatchObject({ ok: true, framing })
  })
})

describe("whether the connection can be used again", () => {
  test.each([
    ["1.1", ok("Content-Length: 0"), true],
    ["1.1, close", ok("Content-Length: 0", "Connection: close"), false],
    ["1.1, until the close", ok(), false],
    ["1.0", lines("HTTP/1.0 200 OK", "Content-Length: 0", ""), false],
    ["1.0, kept", lines("HTTP/1.0 200 OK", "Content-Length: 0", "Connection: Keep-Alive", ""), true],
  ])("%s", (_, text, reusable) => {
    expect(parse(text)).toMatchObject({ ok: true, reusable })
  })

  test("and for how long", () => {
    expect(parse(ok("Keep-Alive: max=3, timeout=5"))).toMatchObject({ keepAliveSeconds: 5 })
    expect(parse(ok("Keep-Alive: soon"))).toMatchObject({ keepAliveSeconds: undefined })
  })
})

test.each([
  ["no HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
  ["HTTP/2", "HTTP/2.0 200 OK\r\n\r\n"],
  ["two digits", "HTTP/1.1 20 OK\r\n\r\n"],
  ["four digits", "HTTP/1.1 2000 OK\r\n\r\n"],
  ["a status below 100", "HTTP/1.1 099 OK\r\n\r\n"],
  ["a bare LF", "HTTP/1.1 200 OK\nA: b\n\n"],
  ["a folded header", ok("A: b", " c")],
  ["two lengths", ok("Content-Length: 5", "Content-Length: 6")],
  ["a list of lengths", ok("Content-Length: 5, 5")],
  ["length and chunks", ok("Content-Length: 5", "Transfer-Encoding: chunked")],
  ["another coding", ok("Transfer-Encoding: gzip, chunked")],
  ["chunks in 1.0", lines("HTTP/1.0 200 OK", "Transfer-Encoding: chunked", "")],
  ["a control byte", ok("A: \x07")],
])("refused: %s", (_, text) => {
  expect(parse(text)).toMatchObject({ ok: false })
})

test.each([
  ["no reason", "HTTP/1.1 200 \r\n\r\n"],
  ["no reason and no space", "HTTP/1.1 200\r\n\r\n"],
  ["latin1 in the reason", "HTTP/1.1 200 \xe9\r\n\r\n"],
])("accepted: %s", (_, text) => {
  expect(parse(text)).toMatchObject({ ok: true, status: 200 })
})

test("a part of a response is never an answer, and no bytes make it throw", () => {
  const whole = ok("Content-Length: 5", "Set-Cookie: a=b", "Connection: keep-alive")
  for (let length = 0; length < whole.length; length++) expect(parse(whole.slice(0, length))).toBeUndefined()
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const bytes = Buffer.from(whole, "latin1")
      bytes[at] = byte
      parseResponseHead(bytes, 0, bytes.length, defaultLimits, "GET")
    }),
    { seed: 20_260_801, numRuns: 2_000 },
  )
})
