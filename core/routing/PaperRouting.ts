/**
 * The paper's Algorithm 1 to the letter, mistakes included: what ours is compared with, and never used to route.
 * Identifiers are whole numbers in [0, 2^bits), so that the counterexamples fit rings of 4 and 8 bits.
 *
 * Source: Iancu, Tapus, "Towards a Highly Available Model..." (Mathematics 2022, 10, 831), Algorithm 1; its errata
 * are in Errata.test.ts.
 */
export interface PaperPeer {
  readonly self: number
  /** The peer before this one; a single peer is its own predecessor. */
  readonly predecessor: number
  /** finger[k] is the first peer at or after self + 2^k, for k from 0 to bits - 1. */
  readonly fingers: ReadonlyArray<number>
}

/** What a peer does with a request: answer the client, or send copies on. No receiver at all: the request is lost. */
export type PaperStep =
  | { readonly kind: "answer" }
  | { readonly kind: "send"; readonly to: ReadonlyArray<number> }

/**
 * The tables of a peer in a settled ring.
 *
 * @param sorted all peers in increasing order, `self` among them.
 * @param bits width of the ring's identifiers, 1 to 52.
 */
export const paperPeer = (sorted: ReadonlyArray<number>, self: number, bits: number): PaperPeer => {
  const firstFrom = (id: number): number => sorted.find((peer) => peer >= id) ?? sorted[0] ?? self
  return {
    self,
    predecessor: sorted.findLast((peer) => peer < self) ?? sorted.at(-1) ?? self,
    fingers: Array.from({ length: bits }, (_, k) => firstFrom((self + 2 ** k) % 2 ** bits)),
  }
}

/**
 * One round of the algorithm's loop, for a request towards `destination`. The comments are its line numbers; at the
 * last k, line 7 looks at a finger that the table does not have, and no comparison with that one holds.
 */
export const paperStep = (peer: PaperPeer, destination: number): PaperStep => {
  const { self, predecessor, fingers } = peer
  // 3
  if (predecessor < destination && destination <= self) {
    // 4
    return { kind: "answer" }
  }
  const to: Array<number> = []
  // 6
  for (const [k, finger] of fingers.entries()) {
    const following = fingers[k + 1]
    // 7
    if (finger <= destination && following !== undefined && destination <= following) {
      // 8
      to.push(finger)
    }
  }
  return { kind: "send", to }
}
