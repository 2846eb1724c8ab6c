import fc from "fast-check"
import { expect, test } from "vitest"
import { inArc } from "./Arc.ts"
import { homeOf } from "./Cell.ts"
import { cellsInArc } from "./CellsInArc.ts"
import { fromBigInt, SIZE } from "./RingId.ts"

const cells = fc.integer({ min: 0, max: 8 }).map((bits) => 2 ** bits)

/** Ids anywhere, and at and beside homes. */
const idNear = (count: number) =>
  fc.oneof(
    fc.bigInt({ min: 0n, max: SIZE - 1n }).map(fromBigInt),
    fc
      .tuple(fc.integer({ min: 0, max: count - 1 }), fc.bigInt({ min: -1n, max: 1n }))
      .map(([cell, off]) => fromBigInt(BigInt(`0x${homeOf(cell, count)}`) + off)),
  )

test("as many cells as homes lie in the arc, also at and beside a home", () => {
  fc.assert(
    fc.property(
      cells.chain((count) => fc.tuple(fc.constant(count), idNear(count), idNear(count))),
      ([count, a, b]) => {
        const homes = Array.from({ length: count }, (_, cell) => homeOf(cell, count))
        expect(cellsInArc(a, b, count)).toBe(homes.filter((home) => inArc(a, home, b)).length)
      },
    ),
  )
})

test("the arcs between any peers share all cells out", () => {
  fc.assert(
    fc.property(
      cells,
      fc.uniqueArray(fc.bigInt({ min: 0n, max: SIZE - 1n }), { minLength: 1, maxLength: 12 }),
      (count, places) => {
        const ids = places.map(fromBigInt).toSorted()
        const shares = ids.map((id, i) => cellsInArc(ids[(i + ids.length - 1) % ids.length] ?? id, id, count))
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(count)
      },
    ),
  )
})
