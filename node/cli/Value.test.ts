import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { address, bytes, count, duration, durationOrNever, name, oneOf, place, route, text } from "./Value.ts"

test("a duration is its number times its unit", () => {
  const unit = fc.constantFrom(["ms", 1] as const, ["s", 1_000] as const, ["m", 60_000] as const)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30_000 }), unit, (n, [letters, ms]) => {
      expect(duration(`${n}${letters}`)).toBe(n * ms)
      expect(durationOrNever(`${n}${letters}`)).toBe(n * ms)
    }),
  )
  expect(duration("1.5s")).toBe(1_500)
  expect(durationOrNever("never")).toBeNull()
})

test("a size is its number times its unit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), (n) => {
      expect(bytes(String(n))).toBe(n)
      expect(bytes(`${n}KiB`)).toBe(n * 1024)
      expect(bytes(`${n}MiB`)).toBe(n * 1024 * 1024)
    }),
  )
})

test("a place is a fraction of the ring, as many digits as one cares to write", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-fA-F]{1,40}$/), (digits) => {
      const id = place(digits)
      expect(id).toHaveLength(40)
      expect(id.startsWith(digits.toLowerCase())).toBe(true)
      expect(id.slice(digits.length)).toMatch(/^0*$/)
    }),
  )
})

describe("what cannot be meant is refused, and the message says what can", () => {
  test.each([
    [duration, "5", /300ms, 5s or 2m/],
    [duration, "0s", /duration/],
    [duration, "-1s", /duration/],
    [duration, "1000h", /duration/],
    [durationOrNever, "later", /never/],
    [bytes, "1mb", /1MiB/],
    [bytes, "0", /size/],
    [bytes, "99999GiB", /size/],
    [count(1, 5), "6", /from 1 to 5/],
    [count(1, 5), "1e0", /from 1 to 5/],
    [address, "localhost", /host:port/],
    [address, "a:99999", /65535/],
    [name, "two words", /A-Z/],
    [place, "xyz", /hexadecimal/],
    [route, "a:1", /NAME=host:port/],
    [route, "a=b", /NAME=host:port/],
    [text, "  ", /not nothing/],
    [oneOf(["a", "b"]), "c", /one of a, b/],
  ])("%s %j", (read, written, message) => {
    expect(() => read(written)).toThrow(message)
  })
})
