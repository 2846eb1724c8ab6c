import { paperPeer, paperStep } from "../../../core/routing/PaperRouting.ts"
import type { System } from "../../explorer/System.ts"
import { type Lookup, type LookupOptions, lookupSystem, type Outcome } from "./Lookups.ts"

/** Messages of one lookup after which it goes round for ever. */
const MOST = 1_000

/** Lookups by the paper's Algorithm 1 to the letter. */
export const system = (options: LookupOptions): System<ReadonlyArray<Outcome>, Lookup> => {
  const { bits = 4, peers } = options
  return lookupSystem("lookups by the paper's algorithm", options, ({ at, key }) => {
    const owners: Array<number> = []
    const waiting = [{ at, hops: 0 }]
    let copies = 0
    let found = 0
    let handled = 0
    for (let next = waiting.shift(); next !== undefined && handled < MOST; next = waiting.shift()) {
      handled++
      const step = paperStep(paperPeer(peers, next.at, bits), key)
      if (step.kind === "answer") {
        if (owners.length === 0) found = next.hops
        owners.push(next.at)
        continue
      }
      copies = Math.max(copies, step.to.length)
      for (const to of step.to) waiting.push({ at: to, hops: next.hops + 1 })
    }
    return { owners, copies, hops: found }
  })
}
