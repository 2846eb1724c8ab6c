import { expect, test } from "vitest"
import { hash, type Hash } from "./Fingerprint.ts"

const hashOf = (text: string): Hash => {
  const into = { high: 0, low: 0 }
  hash(text, into)
  return into
}

/** Texts that differ as little as states do: a few small numbers, most of them the same. */
const texts = function* (): Generator<string> {
  for (let n = 0; n < 2 ** 18; n++)
    yield String.fromCharCode(1, n & 7, (n >> 3) & 7, 2, (n >> 6) & 63, 0, (n >> 12) & 63)
}

test("each half alone has no more collisions than chance has, four times over", () => {
  const [highs, lows] = [new Set<number>(), new Set<number>()]
  let count = 0
  for (const text of texts()) {
    const { high, low } = hashOf(text)
    highs.add(high)
    lows.add(low)
    count++
  }
  const chance = count ** 2 / 2 ** 33
  expect(count - highs.size).toBeLessThan(4 * chance)
  expect(count - lows.size).toBeLessThan(4 * chance)
})

test("where the halves collide has nothing to do with one another", () => {
  // The lowest 18 bits of one half, and of the other: together they collide no more often than 36 bits do.
  const seen = new Set<number>()
  let count = 0
  for (const text of texts()) {
    const { high, low } = hashOf(text)
    seen.add((high & 0x3ffff) * 2 ** 18 + (low & 0x3ffff))
    count++
  }
  expect(count - seen.size).toBeLessThan((4 * count ** 2) / 2 ** 37)
})

test("order and length count", () => {
  expect(hashOf("ab")).not.toEqual(hashOf("ba"))
  expect(hashOf("\0")).not.toEqual(hashOf("\0\0"))
})
