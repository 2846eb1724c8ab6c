import { idFingers } from "../../../core/routing/IdFingers.ts"
import { nextHop } from "../../../core/routing/NextHop.ts"
import { BITS, fromBigInt, type RingId } from "../../../core/ring/RingId.ts"
import type { System } from "../../explorer/System.ts"
import { peerAt } from "../HandRing.ts"
import { type Lookup, type LookupOptions, lookupSystem, type Outcome } from "./Lookups.ts"

/** Lookups that are routed as ours are, but by the paper's fingers, which lie at distances of ids and not of ranks. */
export const system = (options: LookupOptions): System<ReadonlyArray<Outcome>, Lookup> => {
  const { bits = 4, peers } = options
  // The same fraction of the real ring: order, arcs and fingers are those of the small one.
  const scaled = (value: number): RingId => fromBigInt(BigInt(value) << BigInt(BITS - bits))
  const members = peers.map((value) => ({ ...peerAt(value), id: scaled(value) }))
  return lookupSystem("lookups by fingers of ids", options, ({ at, key }) => {
    let self = members.find(({ name }) => name === String(at))
    for (let hops = 0; self !== undefined && hops <= members.length; hops++) {
      const index = members.indexOf(self)
      const before = members.at(index - 1) ?? null
      const after = members.at((index + 1) % members.length)
      const hop = nextHop(
        self,
        before,
        after === undefined ? [] : [after],
        idFingers(members, index),
        scaled(key),
        () => true,
      )
      if (hop.kind === "here") return { owners: [Number(self.name)], copies: hops === 0 ? 0 : 1, hops }
      self = hop.to
    }
    return { owners: [], copies: 1, hops: 0 }
  })
}
