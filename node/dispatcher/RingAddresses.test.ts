import { expect, test } from "vitest"
import { RingAddresses } from "./RingAddresses.ts"

const of = (...addresses: ReadonlyArray<string>): RingAddresses => {
  const all = new RingAddresses()
  for (const address of addresses) all.add(address)
  return all
}

test("each address is taken by one at a time, and which one is left to chance", () => {
  expect([0, 0.4, 0.9].map((chance) => of("a", "b", "c").take(0, chance))).toEqual(["a", "b", "c"])
  const all = of("a", "b")
  expect([all.take(0, 0), all.take(0, 0), all.take(0, 0)]).toEqual(["a", "b", undefined])
  all.release("a")
  all.add("a")
  expect([all.take(0, 0), all.take(0, 0)]).toEqual(["a", undefined])
})

test("one that fails is left alone for longer each time, up to two seconds, and comes after those that did not", () => {
  const all = of("a")
  const pauses: Array<number> = []
  let now = 0
  for (let failure = 0; failure < 9; failure++) {
    expect(all.take(now, 0)).toBe("a")
    all.fail("a", now)
    const failed = now
    while (all.take(now, 0) === undefined) now++
    pauses.push(now - failed)
    all.release("b")
    all.fail("a", now - 10_000)
    all.release("a")
    for (let again = 0; again <= failure; again++) all.fail("a", now - 10_000)
  }
  expect(pauses).toEqual([50, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000])
  all.add("b")
  expect([all.take(now, 0), all.take(now, 0)]).toEqual(["b", "a"])
})

test("only so many are remembered, and those that fail give way to new ones", () => {
  const all = of(...Array.from({ length: 256 }, (_, i) => `a${i}`))
  all.add("late")
  const taken = Array.from({ length: 256 }, () => all.take(0, 0))
  expect(taken).not.toContain("late")
  all.fail("a7", 0)
  all.add("late")
  expect(all.take(0, 0)).toBe("late")
})
