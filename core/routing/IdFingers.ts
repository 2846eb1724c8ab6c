import { add, BITS, type RingId } from "../ring/RingId.ts"

/**
 * The ideal fingers by id of the peer at `selfIndex`, as Chord and the paper have them: the first peer at or after
 * self + 2^k, for k from 0 to 159, each peer once, in clockwise order, without the peer itself.
 *
 * They are here for comparison with fingers by rank: peers that crowd together lie within one finger of one another,
 * so that even correct routing over these exceeds ceil(log2 N) hops (Errata.test.ts).
 *
 * Source: Stoica et al., "Chord" (ToN 2003), section IV; the paper, section 2.2.
 *
 * @param sorted all peers in increasing order of their ids.
 * @param selfIndex place of the peer in `sorted`, in [0, sorted.length).
 */
export const idFingers = <A extends { readonly id: RingId }>(
  sorted: ReadonlyArray<A>,
  selfIndex: number,
): ReadonlyArray<A> => {
  const self = sorted[selfIndex]
  if (self === undefined) return []
  const fingers = new Set<A>()
  for (let k = 0; k < BITS; k++) {
    const finger: A | undefined = firstFrom(sorted, add(self.id, 1n << BigInt(k)))
    if (finger !== undefined && finger !== self) fingers.add(finger)
  }
  return [...fingers]
}

const firstFrom = <A extends { readonly id: RingId }>(
  sorted: ReadonlyArray<A>,
  key: RingId,
): A | undefined => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle]?.id ?? key) < key) low = middle + 1
    else high = middle
  }
  return sorted[low] ?? sorted[0]
}
