import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { defaultLimits } from "../http/HttpLimits.ts"
import { parseRequestHead } from "../http/RequestHead.ts"
import { readRequest, requestLine } from "../ingress/PeerHeaders.ts"
import { freshName } from "./FreshName.ts"
import { makeRequestIds } from "./RequestId.ts"

const seed = 20_261_122
const ORIGIN = "5e".repeat(16)

const head = (...fields: ReadonlyArray<string>) => {
  const bytes = Buffer.from(["GET / HTTP/1.1", "Host: a", ...fields, "", ""].join("\r\n"), "latin1")
  const parsed = parseRequestHead(bytes, 0, bytes.length, defaultLimits)
  if (parsed?.ok !== true) throw new Error(`no request: ${JSON.stringify(parsed)}`)
  return parsed
}

/** The id of a request with these fields, or the status it is refused with. */
const idOf = (...fields: ReadonlyArray<string>): string | number => {
  const id = makeRequestIds(ORIGIN)(head(...fields))
  return typeof id === "string" ? id : id.status
}

/** What {@link requestLine} wrote, as a peer reads it. */
const carried = (id: string): string | undefined =>
  readRequest(/^Ringstead-Request: (.*)\r\n$/.exec(requestLine(id))?.[1]?.trim() ?? "")

test("ids count up and are never the same, nor those of two dispatchers, nor of one before and after a start", () => {
  const origins = Array.from({ length: 50 }, () => freshName())
  const seen = new Set<unknown>()
  for (const origin of origins) {
    const next = makeRequestIds(origin)
    for (let n = 0; n < 20; n++) {
      const id = next(head())
      expect(id).toBe(`${origin}-${n}`)
      seen.add(id)
    }
  }
  expect(seen.size).toBe(50 * 20)
})

describe("a key of the client's own", () => {
  test.each([
    ['"abc"', "key:abc"],
    ["abc", "key:abc"],
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', "key:8e03978e-40d5-43dd-bc93-6894a57f9324"],
    [String.raw`"a\"b\\c"`, String.raw`key:a"b\c`],
    ['" a "', "key: a "],
    ["a b", "key:a b"],
    ["x".repeat(200), `key:${"x".repeat(200)}`],
    [`"${String.raw`\"`.repeat(200)}"`, `key:${'"'.repeat(200)}`],
  ])("%s", (value, id) => {
    expect(idOf(`Idempotency-Key: ${value}`)).toBe(id)
  })

  test.each([
    ["empty", [""]],
    ["empty in quotes", ['""']],
    ["too long", ["x".repeat(201)]],
    ["too long in quotes", [`"${"x".repeat(201)}"`]],
    ["an open quote", ['"abc']],
    ["more behind the quotes", ['"abc"; a=1']],
    ["a bad escape", [String.raw`"a\b"`]],
    ["a tab", ["a\tb"]],
    ["no ASCII", ["\xe9"]],
    ["two of them", ["a", "b"]],
    ["the same twice", ["a", "a"]],
  ])("%s: 400", (_, values) => {
    expect(idOf(...values.map((value) => `Idempotency-Key: ${value}`))).toBe(400)
  })

  test("no key is a dispatcher's number, and each arrives as it was sent", () => {
    const key = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    })
    fc.assert(
      fc.property(
        key.filter((text) => text !== ""),
        (text) => {
          const id = idOf(`Idempotency-Key: "${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`)
          expect(id).toBe(`key:${text}`)
          expect(carried(String(id))).toBe(id)
        },
      ),
      { seed },
    )
    expect(carried(`${ORIGIN}-0`)).toBe(`${ORIGIN}-0`)
  })
})

test.each([
  "",
  "abc",
  `${ORIGIN}-`,
  `${ORIGIN}-01`,
  `${ORIGIN}-x`,
  `${ORIGIN.toUpperCase()}-1`,
  "key:",
  "key:%0a",
  "key:%zz",
  `key:${"x".repeat(201)}`,
])("no id: %j", (value) => {
  expect(readRequest(value)).toBeUndefined()
})
