import fc from "fast-check"
import { fromBigInt, type RingId, SIZE } from "./RingId.ts"

/** So many different ids, drawn uniformly, in increasing order. */
export const drawnIds = (size: {
  readonly minLength: number
  readonly maxLength: number
}): fc.Arbitrary<ReadonlyArray<RingId>> =>
  fc
    .uniqueArray(fc.bigInt({ min: 0n, max: SIZE - 1n }), size)
    .map((values) => values.map(fromBigInt).toSorted())
