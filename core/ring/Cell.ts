import { DIGITS, type RingId, upper32 } from "./RingId.ts"

/** Largest number of cells: one per value of the top 20 bits of an id. */
export const MAX_CELLS = 1 << 20

/**
 * Why `cells` is no possible number of cells, or undefined when it is one.
 *
 * Cells are *equal* arcs of the 2^160 ids, which only a power of two divides; 1 to 2^20.
 */
export const whyNotCells = (cells: number): string | undefined =>
  Number.isInteger(cells) && cells >= 1 && cells <= MAX_CELLS && (cells & (cells - 1)) === 0
    ? undefined
    : `the number of cells must be a power of two from 1 to ${MAX_CELLS}, not ${cells}`

/**
 * The cell of `key` when the ring is cut in `cells` equal arcs: floor(key * cells / 2^160), in [0, cells).
 *
 * Source: the journal's design, Genesis.
 */
export const cellOf = (key: RingId, cells: number): number => cellOfUpper(upper32(key), cells)

/** The cell of any key whose upper 32 bits are `upper`: cells are cut no finer than 20 bits. */
export const cellOfUpper = (upper: number, cells: number): number =>
  cells === 1 ? 0 : upper >>> (Math.clz32(cells) + 1)

/** The home of a cell: the last ring id in it, which decides where on the ring the cell lives. */
export const homeOf = (cell: number, cells: number): RingId => {
  // Cells are cut no finer than 20 bits: whatever follows the upper 32 is ones.
  const upper = (cell + 1) * 2 ** (32 - 31 + Math.clz32(cells)) - 1
  return (upper.toString(16).padStart(8, "0") + "f".repeat(DIGITS - 8)) as RingId
}
