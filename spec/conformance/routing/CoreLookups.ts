import { fromBigInt } from "../../../core/ring/RingId.ts"
import type { System } from "../../explorer/System.ts"
import { HandRing } from "../HandRing.ts"
import { fingersAreExact, flaws } from "../Ideal.ts"
import { type Lookup, type LookupOptions, lookupSystem, type Outcome } from "./Lookups.ts"

/** Rounds in which everybody stabilizes once, after which a ring of so few is settled. */
const MOST_ROUNDS = 500

/** Lookups by the shipped step, in a ring that its peers have founded, joined and settled by themselves. */
export const system = (options: LookupOptions): System<ReadonlyArray<Outcome>, Lookup> => {
  const ring = settled(options.peers)
  return lookupSystem("lookups, the core", options, ({ at, key }) => {
    const { hops, owner, sent } = ring.lookup(at, fromBigInt(BigInt(key)))
    return { owners: owner === null ? [] : [owner], copies: sent, hops }
  })
}

const settled = ([first, ...others]: ReadonlyArray<number>): HandRing => {
  if (first === undefined) throw new RangeError("a ring needs a peer: expected some in 'peers'")
  const ring = new HandRing(1)
  ring.found(first)
  for (const at of others) ring.happen({ kind: "J", at })
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const states = ring.states()
    if (flaws(states).length === 0 && fingersAreExact(states)) return ring
    for (const at of [first, ...others]) ring.happen({ kind: "S", at })
  }
  throw new RangeError(`the ring of ${[first, ...others].join(", ")} does not settle`)
}
