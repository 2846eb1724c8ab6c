import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fieldCount, fieldName, fieldValue, valuesNamed } from "./FieldLines.ts"
import { defaultLimits } from "./HttpLimits.ts"
import { parseLength, parseRequestHead } from "./RequestHead.ts"

const seed = 20_260_801

const parse = (text: string | Buffer, limits = defaultLimits) => {
  const bytes = typeof text === "string" ? Buffer.from(text, "latin1") : text
  return parseRequestHead(bytes, 0, bytes.length, limits)
}

/** The status with which `text` is refused, 0 when it is accepted, undefined when more is needed. */
const verdict = (text: string | Buffer): number | undefined => {
  const head = parse(text)
  return head === undefined ? undefined : head.ok ? 0 : head.status
}

const lines = (...all: ReadonlyArray<string>): string => all.map((line) => `${line}\r\n`).join("")

/** A GET of HTTP/1.1 with these header lines. */
const get = (...fields: ReadonlyArray<string>): string => lines("GET / HTTP/1.1", "Host: a", ...fields, "")
const post = (...fields: ReadonlyArray<string>): string => lines("POST / HTTP/1.1", "Host: a", ...fields, "")

const refused: ReadonlyArray<readonly [name: string, request: string, status: number]> = [
  ["no Host in 1.1", lines("GET / HTTP/1.1", ""), 400],
  ["two Hosts", get("Host: a"), 400],
  ["two Hosts that differ in case", get("hOST: b"), 400],
  ["a Host with a path", lines("GET / HTTP/1.1", "Host: a/b", ""), 400],
  ["a Host with a space", lines("GET / HTTP/1.1", "Host: a b", ""), 400],
  ["a Host with credentials", lines("GET / HTTP/1.1", "Host: u@a", ""), 400],
  ["a Host list", lines("GET / HTTP/1.1", "Host: a, b@c", ""), 400],
  ["length and chunks", post("Content-Length: 3", "Transfer-Encoding: chunked"), 400],
  ["chunks and length", post("Transfer-Encoding: chunked", "Content-Length: 3"), 400],
  ["two lengths", post("Content-Length: 3", "Content-Length: 4"), 400],
  ["the same length twice", post("Content-Length: 3", "Content-Length: 3"), 400],
  ["a list of lengths", post("Content-Length: 3, 3"), 400],
  ["a signed length", post("Content-Length: +3"), 400],
  ["a negative length", post("Content-Length: -3"), 400],
  ["a hexadecimal length", post("Content-Length: 0x3"), 400],
  ["a length with a fraction", post("Content-Length: 3.0"), 400],
  ["an empty length", post("Content-Length:"), 400],
  ["a length that no number holds", post("Content-Length: 99999999999999999999"), 400],
  ["an unknown transfer coding", post("Transfer-Encoding: gzip"), 501],
  ["a coding before chunked", post("Transfer-Encoding: gzip, chunked"), 501],
  ["a coding that looks like chunked", post("Transfer-Encoding: xchunked"), 501],
  ["chunked and then another", post("Transfer-Encoding: chunked, gzip"), 400],
  ["chunked twice", post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 400],
  [
    "chunked in two headers with identity",
    post("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
    400,
  ],
  ["an empty transfer coding", post("Transfer-Encoding:"), 400],
  ["a quoted transfer coding", post('Transfer-Encoding: "chunked"'), 501],
  ["chunked in 1.0", lines("POST / HTTP/1.0", "Host: a", "Transfer-Encoding: chunked", ""), 400],
  ["a space before the colon", get("Name : v"), 400],
  ["a tab before the colon", get("Name\t: v"), 400],
  ["a space before the colon of a length", post("Content-Length : 3"), 400],
  ["a folded header", get("A: b", " c"), 400],
  ["a folded header with a tab", get("A: b", "\tc"), 400],
  ["a first header line with a space", lines("GET / HTTP/1.1", " Host: a", ""), 400],
  ["a header without a colon", get("nothing"), 400],
  ["an empty header name", get(": v"), 400],
  ["a NUL in a name", get("A\0B: v"), 400],
  ["a NUL in a value", get("A: v\0"), 400],
  ["a control byte in a value", get("A: \x01"), 400],
  ["a DEL in a value", get("A: \x7f"), 400],
  ["a byte above ASCII in a name", get("\xe9: v"), 400],
  ["a bare CR in a value", get("A: b\rc"), 400],
  ["a bare LF in a value", get("A: b\nC: d"), 400],
  ["a bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400],
  ["a bare LF for the blank line", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400],
  ["a bare CR for the blank line", "GET / HTTP/1.1\r\nHost: a\r\n\rX", 400],
  ["two spaces before the target", lines("GET  / HTTP/1.1", "Host: a", ""), 400],
  ["two spaces after the target", lines("GET /  HTTP/1.1", "Host: a", ""), 400],
  ["a tab in the request line", lines("GET\t/ HTTP/1.1", "Host: a", ""), 400],
  ["a space in the target", lines("GET /a b HTTP/1.1", "Host: a", ""), 400],
  ["a fragment in the target", lines("GET /#x HTTP/1.1", "Host: a", ""), 400],
  ["a control byte in the target", lines("GET /\x01 HTTP/1.1", "Host: a", ""), 400],
  ["a UTF-8 path", lines("GET /\xc3\xa9 HTTP/1.1", "Host: a", ""), 400],
  ["a target without a slash", lines("GET a HTTP/1.1", "Host: a", ""), 400],
  ["a star with GET", lines("GET * HTTP/1.1", "Host: a", ""), 400],
  ["an absolute target without a host", lines("GET http:///x HTTP/1.1", "Host: a", ""), 400],
  ["an absolute target with credentials", lines("GET http://u@a/ HTTP/1.1", "Host: a", ""), 400],
  ["another scheme", lines("GET ftp://a/ HTTP/1.1", "Host: a", ""), 400],
  ["a target that is too long", lines(`GET /${"x".repeat(9000)} HTTP/1.1`, "Host: a", ""), 414],
  ["no version (HTTP/0.9)", lines("GET /"), 400],
  ["HTTP/2", lines("PRI * HTTP/2.0", "", "SM"), 505],
  ["HTTP/1.2", lines("GET / HTTP/1.2", "Host: a", ""), 505],
  ["HTTP/1.10", lines("GET / HTTP/1.10", "Host: a", ""), 400],
  ["a lower-case version", lines("GET / http/1.1", "Host: a", ""), 400],
  ["a request line that ends with a space", lines("GET / HTTP/1.1 ", "Host: a", ""), 400],
  ["no method", lines(" / HTTP/1.1", "Host: a", ""), 400],
  ["a method that is no token", lines("G(T / HTTP/1.1", "Host: a", ""), 400],
  ["an endless method", "G".repeat(100), 400],
  ["TLS on a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ["CONNECT", lines("CONNECT a:443 HTTP/1.1", "Host: a:443", ""), 501],
  ["Upgrade", get("Connection: Upgrade", "Upgrade: websocket"), 501],
  ["an expectation", post("Content-Length: 1", "Expect: miracles"), 417],
  ["too many headers", get(...Array.from({ length: 100 }, (_, i) => `A${i}: v`)), 431],
  ["a head that is too large", get(`A: ${"x".repeat(17_000)}`), 431],
]

describe("refused", () => {
  test.each(refused)("%s", (_, request, status) => {
    expect(verdict(request)).toBe(status)
  })

  test.each(refused)("%s: in one line that says why", (_, request) => {
    const head = parse(request)
    expect(head?.ok === false && /^[\x20-\x7e]{20,200}$/.test(head.reason)).toBe(true)
  })
})

const accepted: ReadonlyArray<readonly [name: string, request: string]> = [
  ["a GET", get()],
  ["1.0 without a Host", lines("GET / HTTP/1.0", "")],
  ["an empty Host", lines("GET / HTTP/1.1", "Host:", "")],
  ["a Host with a port", lines("GET / HTTP/1.1", "Host: a.b:80", "")],
  ["an IPv6 Host", lines("GET / HTTP/1.1", "Host: [::1]:80", "")],
  ["an empty value", get("A:")],
  ["spaces around a value", get("A: \t b \t ")],
  ["latin1 in a value", get("A: \xe9\xff\x80")],
  ["OPTIONS *", lines("OPTIONS * HTTP/1.1", "Host: a", "")],
  ["an unknown method", lines("BREW / HTTP/1.1", "Host: a", "")],
  ["chunked in any case", post("Transfer-Encoding: ChunKed")],
  ["leading zeros in a length", post("Content-Length: 003")],
]

test.each(accepted)("accepted: %s", (_, request) => {
  expect(verdict(request)).toBe(0)
})

test("an absolute target is taken apart, and its host counts", () => {
  const head = parse(lines("GET http://B:81/x?y HTTP/1.1", "Host: a", ""))
  expect(head).toMatchObject({ ok: true, target: "/x?y", host: "B:81", asWritten: false })
  expect(parse(lines("GET http://b?y HTTP/1.1", "Host: a", ""))).toMatchObject({ target: "/?y", host: "b" })
})

test("what Connection, Expect and the body's framing say", () => {
  expect(parse(post("Connection: x, close", "Content-Length: 7", "Expect: 100-continue"))).toMatchObject({
    length: 7,
    expects: true,
    framed: true,
    connection: { close: true, keepAlive: false, named: new Set(["x"]) },
  })
  expect(parse(post("Transfer-Encoding: chunked"))).toMatchObject({ length: -1, expects: false })
  expect(parse(get("Expect: 100-continue"))).toMatchObject({ length: 0, expects: false, framed: false })
})

const tokenCharacter = fc.constantFrom(...Array.from("abcXYZ019!#$%&'*+-.^_`|~"))
const token = fc.string({ unit: tokenCharacter, minLength: 1, maxLength: 20 })
const value = fc
  .string({
    unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 40,
  })
  .map((text) => text.replaceAll("\x7f", "").replaceAll(/^[ \t]+|[ \t]+$/g, ""))
const field = fc
  .tuple(
    token.filter(
      (name) => !/^(host|content-length|transfer-encoding|upgrade|expect|connection)$/i.test(name),
    ),
    value,
  )
  .map(([name, content]) => ({ name, content }))
const request = fc.record({
  method: token,
  path: fc.string({ unit: fc.constantFrom(...Array.from("abc/?&=%2e:;@|")), maxLength: 30 }),
  fields: fc.array(field, { maxLength: 12 }),
})

test("every well-formed request is read as it was written", () => {
  fc.assert(
    fc.property(request, ({ method, path, fields }) => {
      const text = lines(
        `${method} /${path} HTTP/1.1`,
        "Host: a",
        ...fields.map(({ name, content }) => `${name}:  ${content}\t`),
        "",
      )
      const head = parse(`${text}rest`)
      if (head?.ok !== true) throw new Error(JSON.stringify(head))
      expect(head).toMatchObject({ method, target: `/${path}`, host: "a", bytes: text.length, text })
      const read = Array.from({ length: fieldCount(head) }, (_, i) => ({
        name: fieldName(head, i),
        content: fieldValue(head, i),
      }))
      const written = fields.map(({ name, content }) => ({ name: name.toLowerCase(), content }))
      expect(read).toEqual([{ name: "host", content: "a" }, ...written])
      for (const { name } of written) {
        expect(valuesNamed(head, name)).toEqual(
          written.filter((one) => one.name === name).map((one) => one.content),
        )
      }
    }),
    { seed, numRuns: 200 },
  )
})

test("a part of a good request is never an answer, and a bad one is never good in part", () => {
  const whole = get("A: b", "Connection: keep-alive", "Cookie: x=y")
  for (let length = 0; length < whole.length; length++)
    expect(verdict(whole.slice(0, length))).toBeUndefined()
  for (const [name, bad] of refused) {
    for (let length = 0; length < Math.min(bad.length, 200); length++) {
      expect(verdict(bad.slice(0, length)), `${name}, ${length} bytes of it`).not.toBe(0)
    }
  }
})

test("any change of a good request is refused, or read without a throw", () => {
  const base = Buffer.from(post("Content-Length: 3", "X: y", "Cookie: a=b"), "latin1")
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      (changes) => {
        const bytes = Buffer.from(base)
        for (const [at, byte] of changes) bytes[at] = byte
        const head = parse(bytes)
        const text = head?.ok === true ? head.text : ""
        expect(text).not.toMatch(/\r(?!\n)|(?<!\r)\n/)
        // oxlint-disable-next-line no-control-regex -- control bytes are what is looked for
        expect(text).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/)
      },
    ),
    { seed, numRuns: 2_000 },
  )
})

test("any bytes at all are read without a throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(verdict(Buffer.from(bytes))).not.toBe(0)
    }),
    { seed, numRuns: 500 },
  )
})

test("lengths are decimal digits and nothing else", () => {
  fc.assert(
    fc.property(fc.nat(), (length) => {
      expect(parseLength(String(length))).toBe(length)
    }),
    { seed },
  )
  for (const bad of ["", " 1", "1 ", "1e3", "\u0661", "1_0", "9".repeat(16)])
    expect(parseLength(bad)).toBeUndefined()
})
