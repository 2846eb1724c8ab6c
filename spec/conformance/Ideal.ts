import { type Contact, samePeer } from "../../core/peer/Contact.ts"
import type { PeerState } from "../../core/peer/PeerState.ts"
import type { RingId } from "../../core/ring/RingId.ts"

/** The peer that owns `key` by brute force: the first id at or after it, clockwise. `sorted` is by increasing id. */
export const ownerOf = (sorted: ReadonlyArray<Contact>, key: RingId): Contact => {
  const owner = sorted.find((peer) => peer.id >= key) ?? sorted[0]
  if (owner === undefined) throw new RangeError("an empty ring owns nothing")
  return owner
}

/**
 * What keeps the ring of these members from being ideal, one line each; none when it is. Ideal: every successor
 * list names the next L members in order, every predecessor is the member before.
 *
 * @param states of all live members, by increasing id.
 */
export const flaws = (states: ReadonlyArray<PeerState>): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (const [i, state] of states.entries()) {
    const { self } = state.config
    if (state.phase !== "member") {
      found.push(`${self.name} is ${state.phase}`)
      continue
    }
    for (const [k, entry] of state.successors.entries()) {
      const expected = states[(i + 1 + k) % states.length]?.config.self
      if (expected && !samePeer(entry, expected)) {
        found.push(`${self.name}: successor ${k} is ${entry.name || "nobody"}, not ${expected.name}`)
      }
    }
    const before = states.at(i - 1)?.config.self
    if (before && !samePeer(state.predecessor, before)) {
      found.push(`${self.name}: predecessor is ${state.predecessor.name}, not ${before.name}`)
    }
  }
  return found
}

/** Whether every finger of every member is exactly 2^k peers ahead, in its present incarnation. */
export const fingersAreExact = (states: ReadonlyArray<PeerState>): boolean =>
  states.every((state, i) => {
    const count = Math.ceil(Math.log2(states.length))
    return (
      state.fingers.length === count &&
      state.fingers.every((finger, k) => {
        const ahead = states[(i + 2 ** k) % states.length]?.config.self
        return ahead !== undefined && samePeer(finger, ahead)
      })
    )
  })
