import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { isReadOnly, parseReadOnlyRoute, type ReadOnlyRoute } from "./ReadOnlyRoutes.ts"

const seed = 20_261_122

const route = (pattern: string): ReadOnlyRoute => {
  const parsed = parseReadOnlyRoute(pattern)
  if ("problem" in parsed) throw new Error(parsed.problem)
  return parsed
}

const covers = (pattern: string, method: string, path: string): boolean =>
  isReadOnly([route(pattern)], method, path)

test.each([
  ["/assets/*", "GET", "/assets/a.css", true],
  ["/assets/*", "HEAD", "/assets/", true],
  ["/assets/*", "POST", "/assets/a.css", false],
  ["/assets/*", "GET", "/assets", false],
  ["/assets*", "GET", "/assets-old", true],
  ["/health", "GET", "/health", true],
  ["/health", "GET", "/health/x", false],
  ["/Health", "GET", "/health", false],
  ["POST /search", "POST", "/search", true],
  ["POST /search", "GET", "/search", false],
  ["*".padStart(2, "/"), "GET", "/anything", true],
])("%s: %s %s %s", (pattern, method, path, expected) => {
  expect(covers(pattern, method, path)).toBe(expected)
})

test("no route, nothing is read-only", () => {
  expect(isReadOnly([], "GET", "/")).toBe(false)
})

test.each([
  "/a/../cart",
  "/a/%2e%2E/cart",
  "/a/..",
  "/a//cart",
  "/a/..%2fcart",
  "/a/%5c..",
  "/a/\\cart",
  "/a/./b",
])("%s may be served as another place, so it is journaled", (path) => {
  expect(covers("/a/*", "GET", path)).toBe(false)
})

test("what a prefix covers is what begins with it, for GET and HEAD alone", () => {
  const plain = fc.stringMatching(/^\/[a-z]{1,3}(\/[a-z]{1,3}){0,2}$/)
  fc.assert(
    fc.property(plain, plain, fc.constantFrom("GET", "HEAD", "POST", "PUT"), (stem, path, method) => {
      const safe = method === "GET" || method === "HEAD"
      expect(covers(`${stem}*`, method, path)).toBe(safe && path.startsWith(stem))
      expect(covers(stem, method, path)).toBe(safe && path === stem)
      expect(covers(`${method} ${stem}`, method, stem)).toBe(true)
    }),
    { seed },
  )
})

describe("what is no route", () => {
  test.each([
    ["", "begins with /"],
    ["assets", "begins with /"],
    ["*", "begins with /"],
    ["/a*b", "once, at the end"],
    ["/a**", "once, at the end"],
    ["get /a", "capital letters"],
    ["GET  a", "begins with /"],
    ["GET /a b", "a method, a space and a path"],
    ["/a?b=c", "leave out ?"],
    ["/a#b", "leave out ?"],
    ["/\u00e9", "percent-encode"],
    ["/a/../b", "never read-only"],
    ["//a", "never read-only"],
  ])("%j", (pattern, why) => {
    const parsed = parseReadOnlyRoute(pattern)
    const text = "problem" in parsed ? parsed.problem : "none"
    expect(text).toContain(why)
    expect(text).toContain(JSON.stringify(pattern))
    expect(text).not.toContain("\n")
  })
})
