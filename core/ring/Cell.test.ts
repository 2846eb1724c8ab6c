import fc from "fast-check"
import { expect, test } from "vitest"
import { cellOf, cellOfUpper, homeOf, MAX_CELLS, whyNotCells } from "./Cell.ts"
import { fromBigInt, next, SIZE, toBigInt, upper32 } from "./RingId.ts"

const powers = Array.from({ length: 21 }, (_, power) => 2 ** power)
const count = fc.constantFrom(...powers)
const value = fc.bigInt({ min: 0n, max: SIZE - 1n })

test("the cell of a key is floor(key * cells / 2^160), for every possible number of cells", () => {
  fc.assert(
    fc.property(value, (key) => {
      for (const cells of powers) {
        const cell = Number((key * BigInt(cells)) / SIZE)
        expect(cellOf(fromBigInt(key), cells)).toBe(cell)
        expect(cellOfUpper(upper32(fromBigInt(key)), cells)).toBe(cell)
      }
    }),
  )
})

test("a home is the last id of its cell, and the next cell begins right after it", () => {
  const place = count.chain((cells) => fc.tuple(fc.constant(cells), fc.integer({ min: 0, max: cells - 1 })))
  const ends = count.chain((cells) => fc.tuple(fc.constant(cells), fc.constantFrom(0, cells - 1)))
  fc.assert(
    fc.property(fc.oneof(place, ends), ([cells, cell]) => {
      const home = homeOf(cell, cells)
      expect(cellOf(home, cells)).toBe(cell)
      expect(cellOf(next(home), cells)).toBe((cell + 1) % cells)
    }),
    { numRuns: 500 },
  )
})

test("cells partition the ring into arcs of one length", () => {
  for (const cells of powers.filter((power) => power <= 1024)) {
    let previous = SIZE - 1n
    for (let cell = 0; cell < cells; cell++) {
      const home = toBigInt(homeOf(cell, cells))
      expect((home - previous + SIZE) % SIZE).toBe((SIZE / BigInt(cells)) % SIZE)
      previous = home
    }
    expect(previous).toBe(SIZE - 1n)
  }
})

test("a key lies in the arc that ends at its cell's home", () => {
  fc.assert(
    fc.property(value, count, (key, cells) => {
      const home = toBigInt(homeOf(cellOf(fromBigInt(key), cells), cells))
      expect(home - key >= 0n && home - key < SIZE / BigInt(cells)).toBe(true)
    }),
  )
})

test("only the powers of two from 1 to 2^20 are numbers of cells; the refusal names the number", () => {
  for (const cells of powers) expect(whyNotCells(cells)).toBeUndefined()
  expect(powers.at(-1)).toBe(MAX_CELLS)
  const other = fc
    .oneof(fc.integer(), fc.double(), fc.constantFrom(2 ** 21, 2 ** 32, 2 ** 33, -1, 0, 0.5))
    .filter((cells) => !powers.includes(cells))
  fc.assert(
    fc.property(other, (cells) => {
      expect(whyNotCells(cells)).toContain(String(cells))
    }),
  )
})
