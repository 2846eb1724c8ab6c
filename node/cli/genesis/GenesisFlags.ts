import { HASH_NAMES, type HashName, MODES } from "../../../core/peer/Genesis.ts"
import { whyNotCells } from "../../../core/ring/Cell.ts"
import { oneOf, type Reader } from "../Value.ts"

/** A number of cells: a power of two from 1 to 2^20. */
export const cells: Reader<number> = (written) => {
  const value = /^[0-9]{1,9}$/.test(written) ? Number(written) : Number.NaN
  if (whyNotCells(value) !== undefined) throw new RangeError("a power of two from 1 to 1048576")
  return value
}

/** A number of replicas: odd, so that a majority is worth its size. */
export const replicas: Reader<number> = (written) => Number(oneOf(["1", "3", "5", "7", "9"])(written))

/** Names of hash functions with commas between, applied in the order given. */
export const hashes: Reader<ReadonlyArray<HashName>> = (written) => written.split(",").map(oneOf(HASH_NAMES))

/** What happens to sessions when a peer dies; of a new cluster, for ever. */
export const modeFlag = {
  kind: "optional",
  metavar: "MODE",
  about: "What a session survives: replay or stateless ('ringstead explain'; default replay)",
  read: oneOf(MODES),
  choices: MODES,
  fallback: undefined,
} as const
