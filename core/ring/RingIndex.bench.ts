import { fromBigInt, upper32 } from "./RingId.ts"
import { scatteredIds } from "./RingId.samples.ts"
import { makeRingIndex, ownerOf, ownerOfUpper } from "./RingIndex.ts"

/** What everybody writes first: halving the whole column of upper bits. */
const byHalving = (uppers: Uint32Array, upper: number): number => {
  let low = 0
  let high = uppers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((uppers[middle] ?? 0) < upper) low = middle + 1
    else high = middle
  }
  return low === uppers.length ? 0 : low
}

const keys = scatteredIds(8192, 7)
const someKey = fromBigInt(0n)
const uppersOfKeys = Uint32Array.from(keys, upper32)

/** Keeps results alive, so that no loop is optimised away. */
let sink = 0

/**
 * A row over an index made when the row is measured, since a million ids take their time. The goal stands in for the
 * figure of the design, which another machine would miss or beat without any merit.
 */
const rowOf = (count: number, figure: string) => {
  let index = makeRingIndex([someKey])
  const prepare = (): void => {
    if (index.ids.length === 1) index = makeRingIndex(scatteredIds(count, 1))
  }
  return {
    row: 2,
    title: `successor search, ${count} ids (on the design's machine ${figure})`,
    goal: { of: "bucket table, upper 32 bits", against: "halving, upper 32 bits", atMost: 0.6 },
    candidates: [
      {
        name: "halving, upper 32 bits",
        prepare,
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += byHalving(index.uppers, uppersOfKeys[i & 8191] ?? 0)
        },
      },
      {
        name: "bucket table, upper 32 bits",
        prepare,
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += ownerOfUpper(index, uppersOfKeys[i & 8191] ?? 0)
        },
      },
      {
        name: "bucket table, ids as they are",
        prepare,
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += ownerOf(index, keys[i & 8191] ?? someKey)
        },
      },
    ],
  }
}

/** performance.md row 2: which id is the first at or after this key? */
export const rows = [rowOf(128, "18 ns"), rowOf(1024, "20 ns"), rowOf(1_000_000, "178 ns")]

/** Read by nobody; exported so that the sum counts as used. */
export const witness = (): number => sink
