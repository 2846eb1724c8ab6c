import fc from "fast-check"
import { expect, test } from "vitest"
import { add, fromBigInt, type RingId, SIZE, upper32 } from "./RingId.ts"
import { makeRingIndex, ownerOf, ownerOfUpper } from "./RingIndex.ts"

const id = fc.bigInt({ min: 0n, max: SIZE - 1n }).map(fromBigInt)
/** Ids that share their upper 32 bits with many others: at both ends of the ring and in the middle of it. */
const crowded = fc
  .tuple(fc.constantFrom(0n, 1n, 0x7fffffffn, 0x80000000n, 0xffffffffn), fc.bigInt({ min: 0n, max: 40n }))
  .map(([upper, low]) => fromBigInt((upper << 128n) + low))
/** Ids whose upper 32 bits differ by little, so that they share one bucket. */
const close = fc
  .integer({ min: 0, max: 400 })
  .map((offset) => fromBigInt((0x12345000n + BigInt(offset)) << 128n))
const member = fc.oneof(id, crowded, close)
const members = (maxLength: number) => fc.uniqueArray(member, { minLength: 1, maxLength })

/** First id at or after the key by looking at every one of them, or the least id. */
const byBruteForce = (ids: ReadonlyArray<RingId>, key: RingId): RingId | undefined =>
  ids.filter((one) => one >= key).toSorted()[0] ?? ids.toSorted()[0]

test("the owner is the first id at or clockwise after the key, wherever the ids lie", () => {
  fc.assert(
    fc.property(members(80), fc.array(member, { minLength: 10, maxLength: 10 }), (ids, others) => {
      const index = makeRingIndex(ids)
      const near = ids.slice(0, 10).flatMap((one) => [one, add(one, 1n), add(one, -1n)])
      for (const key of [...others, ...near, fromBigInt(0n), fromBigInt(SIZE - 1n)]) {
        expect(index.ids[ownerOf(index, key)]).toBe(byBruteForce(ids, key))
      }
    }),
    { numRuns: 150 },
  )
})

test("rings of many peers, scattered and crowded", () => {
  const size = { minLength: 2000, maxLength: 2000, size: "max" } as const
  const scattered = fc.uniqueArray(id, size)
  const narrow = fc.bigInt({ min: 0n, max: SIZE >> 20n }).map(fromBigInt)
  fc.assert(
    fc.property(fc.oneof(scattered, fc.uniqueArray(narrow, size)), fc.array(id), (ids, keys) => {
      const index = makeRingIndex(ids)
      for (const [position, one] of index.ids.entries()) {
        expect(ownerOf(index, one)).toBe(position)
        expect(ownerOf(index, add(one, 1n))).toBe((position + 1) % index.ids.length)
      }
      for (const key of keys) expect(index.ids[ownerOf(index, key)]).toBe(byBruteForce(ids, key))
    }),
    // Shrinking rings of this size would take minutes.
    { numRuns: 4, endOnFailure: true },
  )
})

test("the upper 32 bits alone find the same owner, or say that they cannot", () => {
  fc.assert(
    fc.property(members(40), member, (ids, key) => {
      const index = makeRingIndex(ids)
      const isShared = ids.some((one) => upper32(one) === upper32(key))
      expect(ownerOfUpper(index, upper32(key))).toBe(isShared ? -1 : ownerOf(index, key))
    }),
    { numRuns: 500 },
  )
})

test("one peer owns every key", () => {
  fc.assert(
    fc.property(member, member, (only, key) => {
      expect(ownerOf(makeRingIndex([only]), key)).toBe(0)
    }),
  )
})

test("an empty ring and a doubled id are refused", () => {
  const one = fromBigInt(7n)
  expect(() => makeRingIndex([])).toThrow(/at least one id/)
  expect(() => makeRingIndex([one, fromBigInt(1n), one])).toThrow(`the id ${one} occurs twice`)
})
