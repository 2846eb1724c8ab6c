/**
 * The ideal fingers by rank of the peer at `selfIndex`: finger[k] is the peer 2^k places ahead, for every k with
 * 2^k < N, so that none wraps past the peer itself. A ring of N peers gives ceil(log2 N) of them, one peer none.
 *
 * By rank, not by distance of ids, each hop at least halves the number of peers still ahead, whatever the ids: that
 * is what bounds a lookup at ceil(log2 N) hops.
 *
 * Source: Schuett, Schintke, Reinefeld, "Structured Overlay without Consistent Hashing" (Chord#, 2006).
 *
 * @param sorted all peers (or their ids) in clockwise order.
 * @param selfIndex place of the peer in `sorted`, in [0, sorted.length).
 */
export const rankFingers = <A>(sorted: ReadonlyArray<A>, selfIndex: number): ReadonlyArray<A> => {
  const fingers: Array<A> = []
  for (let ahead = 1; ahead < sorted.length; ahead *= 2) {
    const finger = sorted[(selfIndex + ahead) % sorted.length]
    if (finger !== undefined) fingers.push(finger)
  }
  return fingers
}
