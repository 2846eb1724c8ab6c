import fc from "fast-check"
import { expect, test } from "vitest"
import { COOKIE_NAME, cookieValue, NameCookie, withoutCookie } from "./NameCookie.ts"

const seed = 20_260_801
const secret = "5e".repeat(32)
const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 })

/** The cookie's value in a Set-Cookie line. */
const valueIn = (line: string): string => cookieValue(line.slice("Set-Cookie:".length), COOKIE_NAME) ?? ""

test("a name comes back from its cookie, at any dispatcher of the cluster", () => {
  fc.assert(
    fc.property(name, (given) => {
      const line = new NameCookie(secret).setLine(given)
      expect(line).toMatch(/^Set-Cookie: ringstead=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax\r\n$/)
      const other = new NameCookie(secret)
      expect(other.read(valueIn(line))).toBe(given)
      // The second time from memory.
      expect(other.read(valueIn(line))).toBe(given)
    }),
    { seed },
  )
})

test("a cookie that was changed, or signed with another key, is none", () => {
  const cookies = new NameCookie(secret)
  const value = valueIn(cookies.setLine("alice"))
  expect(cookies.read(value)).toBe("alice")
  expect(new NameCookie("ab".repeat(32)).read(value)).toBeUndefined()
  fc.assert(
    fc.property(
      fc.nat(value.length - 2),
      fc.constantFrom("a", "Z", "0", "9", "-", "_", "."),
      (at, character) => {
        const changed = value.slice(0, at) + character + value.slice(at + 1)
        expect(cookies.read(changed)).toBe(changed === value ? "alice" : undefined)
      },
    ),
    { seed },
  )
  for (const bad of ["", ".", "a", "a.b", `${value}.x`, value.split(".")[0] ?? ""]) {
    expect(cookies.read(bad)).toBeUndefined()
  }
})

test("only so many cookies are remembered, and all still count", () => {
  const cookies = new NameCookie(secret)
  const values = Array.from({ length: 3 }, (_, i) => valueIn(cookies.setLine(`n${i}`)))
  for (const [i, value] of values.entries()) expect(cookies.read(value)).toBe(`n${i}`)
})

test("our cookie is found among others and taken out from among them", () => {
  const pair = fc.tuple(
    fc.constantFrom("a", "sid", "xringstead", "ringstead2", "RINGSTEAD"),
    fc.constantFrom("1", "", "b=c"),
  )
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 4 }), fc.array(pair, { maxLength: 4 }), (before, after) => {
      const others = [...before, ...after].map(([key, value]) => `${key}=${value}`)
      const pairs = [
        ...before.map(([key, value]) => `${key}=${value}`),
        "ringstead=x.y",
        ...others.slice(before.length),
      ]
      const header = pairs.join("; ")
      expect(cookieValue(header, COOKIE_NAME)).toBe("x.y")
      expect(withoutCookie(header, COOKIE_NAME)).toBe(others.join("; "))
      expect(cookieValue(others.join("; "), COOKIE_NAME)).toBeUndefined()
    }),
    { seed },
  )
})
