import { describe, expect, test } from "vitest"
import { defaultLimits } from "../http/HttpLimits.ts"
import { parseRequestHead } from "../http/RequestHead.ts"
import { makeClientNamer } from "./ClientName.ts"
import type { ClientSource } from "./DispatchOptions.ts"
import { NameCookie } from "./NameCookie.ts"

const cookie = new NameCookie("5e".repeat(32))
const header: ClientSource = { kind: "header", header: "x-client" }

/** The name found in a request with these header lines; a status when it is refused, "fresh" when one was drawn. */
const named = (sources: ReadonlyArray<ClientSource>, ...fields: ReadonlyArray<string>): string | number => {
  const bytes = Buffer.from(["GET / HTTP/1.1", "Host: a", ...fields, "", ""].join("\r\n"), "latin1")
  const head = parseRequestHead(bytes, 0, bytes.length, defaultLimits)
  if (head?.ok !== true) throw new Error(JSON.stringify(head))
  const client = makeClientNamer(sources, cookie)(head, "10.0.0.7")
  return client.ok ? (client.fresh ? "fresh" : client.name) : client.status
}

const cookieOf = (name: string): string =>
  `Cookie: a=b; ${/ringstead=[^;]*/.exec(cookie.setLine(name))?.[0] ?? ""}; c=d`

const basic = (credentials: string): string =>
  `Authorization: Basic ${Buffer.from(credentials, "latin1").toString("base64")}`

describe("a header", () => {
  test.each([
    ["its value", "X-Client: alice", "alice"],
    ["in any case", "x-CLIENT: alice", "alice"],
    ["UTF-8", "X-Client: \xc3\xa9", "\u00e9"],
    ["latin1 when it is no UTF-8", "X-Client: \xe9", "\u00e9"],
    ["as long as allowed", `X-Client: ${"x".repeat(256)}`, "x".repeat(256)],
    ["too long", `X-Client: ${"x".repeat(257)}`, 400],
    ["too long in UTF-8", `X-Client: ${"\xc3\xa9".repeat(129)}`, 400],
    ["empty", "X-Client:", 400],
    ["a tab", "X-Client: a\tb", 400],
    ["missing", "X-Other: a", 400],
  ])("%s", (_, field, expected) => {
    expect(named([header], field)).toBe(expected)
  })

  test("sent twice", () => {
    expect(named([header], "X-Client: a", "X-Client: a")).toBe(400)
  })
})

describe("basic credentials", () => {
  test.each([
    ["the user", basic("alice:secret"), "alice"],
    ["a password with a colon", basic("alice:a:b"), "alice"],
    ["UTF-8", basic("\xc3\xa9:x"), "\u00e9"],
    ["no user", basic(":x"), 400],
    ["a control byte", basic("a\nb:x"), 400],
    ["no colon", basic("alice"), 400],
    ["another scheme", "Authorization: Bearer abc", 400],
  ])("%s", (_, field, expected) => {
    expect(named([{ kind: "basic" }], field)).toBe(expected)
  })
})

describe("our cookie", () => {
  test("names the client", () => {
    expect(named([{ kind: "cookie" }], cookieOf("alice"))).toBe("alice")
    expect(named([{ kind: "cookie" }], "Cookie: x=y", cookieOf("bob"))).toBe("bob")
  })

  test("absent, or not signed by us: a name is drawn, another one each time", () => {
    expect(named([{ kind: "cookie" }])).toBe("fresh")
    expect(named([{ kind: "cookie" }], "Cookie: ringstead=YQ.YQ")).toBe("fresh")
    const namer = makeClientNamer([{ kind: "cookie" }], cookie)
    const bytes = Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    const head = parseRequestHead(bytes, 0, bytes.length, defaultLimits)
    if (head?.ok !== true) throw new Error("no head")
    expect(new Set(Array.from({ length: 20 }, () => JSON.stringify(namer(head, "")))).size).toBe(20)
  })
})

test("the address", () => {
  expect(named([{ kind: "address" }])).toBe("10.0.0.7")
})

test("of several sources the first that yields something decides, be it a refusal", () => {
  const all: ReadonlyArray<ClientSource> = [
    header,
    { kind: "cookie" },
    { kind: "basic" },
    { kind: "address" },
  ]
  expect(named(all, "X-Client: h", cookieOf("c"), basic("b:"))).toBe("h")
  expect(named(all, cookieOf("c"), basic("b:"))).toBe("c")
  expect(named(all, "Cookie: ringstead=YQ.YQ", basic("b:"))).toBe("b")
  expect(named(all)).toBe("10.0.0.7")
  expect(named(all, "X-Client:", cookieOf("c"))).toBe(400)
  expect(named([header, { kind: "cookie" }], "A: b")).toBe("fresh")
})
