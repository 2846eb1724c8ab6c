import { sha1 } from "@noble/hashes/legacy.js"
import { utf8ToBytes } from "@noble/hashes/utils.js"
import fc from "fast-check"
import { expect, test } from "vitest"
import { sha1Short } from "./Sha1Short.ts"

const digestOf = (text: string): Uint8Array | null => {
  const bytes = new Uint8Array(20)
  return sha1Short(text, new DataView(bytes.buffer)) ? bytes : null
}

test("hashes every ASCII text of 0 to 55 characters as @noble/hashes does", () => {
  for (let length = 0; length <= 55; length++) {
    const text = fc.string({ unit: "binary-ascii", minLength: length, maxLength: length })
    fc.assert(
      fc.property(text, (name) => {
        expect(digestOf(name)).toEqual(sha1(utf8ToBytes(name)))
      }),
      { numRuns: 20 },
    )
  }
})

test("leaves every other text, and the digest, alone", () => {
  const long = fc.string({ unit: "binary-ascii", minLength: 56, maxLength: 200 })
  const foreign = fc
    .tuple(fc.string({ maxLength: 20 }), fc.integer({ min: 0x80, max: 0xffff }), fc.string({ maxLength: 20 }))
    .map(([before, code, after]) => before + String.fromCharCode(code) + after)
  fc.assert(
    fc.property(fc.oneof(long, foreign), (name) => {
      const bytes = new Uint8Array(20).fill(7)
      expect(sha1Short(name, new DataView(bytes.buffer))).toBe(false)
      expect(bytes).toEqual(new Uint8Array(20).fill(7))
    }),
  )
})

test("nothing of one text reaches the digest of the next", () => {
  const text = fc.string({ unit: "binary-ascii", maxLength: 60, size: "max" })
  fc.assert(
    fc.property(text, text, (one, other) => {
      const before = digestOf(other)
      digestOf(one)
      expect(digestOf(other)).toEqual(before)
    }),
  )
})
