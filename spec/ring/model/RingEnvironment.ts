import { oneLiveSuccessor } from "../invariants/OneLiveSuccessor.ts"
import { sufficientPrincipals } from "../invariants/SufficientPrincipals.ts"
import { byLists, dead, inFlight, isMember, next, type Ring, snapshotOf, withPeer } from "./Ring.ts"
import type { RingMutant } from "./RingMutants.ts"
import { isIdle, locally, notifying, type RingRule, where, wherePair } from "./RingRule.ts"

/** What must still be so after a failure, or the failure is not one that the rules were made for. */
export type Assumption = (ring: Ring) => boolean

/**
 * What our rules assume of failures (ring.md, Invariant): each member, and each list on its way to somebody alive, is
 * left a live successor, and at least L + 1 principals are left.
 *
 * @param mutant assumes less.
 */
export const ourAssumption = (length: number, mutant?: RingMutant): Assumption =>
  byLists((ring) => {
    const snapshot = snapshotOf(ring)
    const flights = mutant === "fail-ignores-flights" ? [] : inFlight(ring)
    const isEnough = sufficientPrincipals(length)(snapshot, flights) === undefined
    return (
      oneLiveSuccessor(snapshot, flights) === undefined && (isEnough || mutant === "fail-beyond-assumption")
    )
  })

/** What the original assumes: each member is left a live successor, in the lists as they stand. */
export const originalAssumption = (): Assumption =>
  byLists((ring) => oneLiveSuccessor(snapshotOf(ring)) === undefined)

/** What the world does to a ring, within the budgets of its state. */
export const environment = (assumption: Assumption): ReadonlyArray<RingRule> => [
  {
    name: "fail",
    by: "environment",
    guard: "a member, with failures left; after it the assumption about failures still holds",
    effect: "it is dead for ever, and what was on its way to it is lost; what it sent is not",
    enabled: (ring) =>
      ring.failures === 0
        ? []
        : ring.peers.flatMap(({ phase }, at) =>
            phase === "member" && assumption(failed(ring, at)) ? [{ at }] : [],
          ),
    happen: (ring, { at }) => failed(ring, at),
  },
  {
    name: "drop",
    by: "environment",
    guard: "a member waits for an answer",
    effect: "the query or the answer is lost; the member waits no longer and changes nothing",
    enabled: where(({ phase, operation }) => phase === "member" && operation !== null),
    happen: locally((peer) => ({ ...peer, operation: null })),
  },
  {
    name: "lose",
    by: "environment",
    guard: "a notification from n is on its way to r",
    effect: "it is lost",
    enabled: wherePair(({ notifiers }, other) => (notifiers & (1 << other)) !== 0),
    happen: locally((peer, notifier) => ({ ...peer, notifiers: peer.notifiers & ~(1 << notifier) })),
  },
  {
    name: "suspect",
    by: "environment",
    guard: "t is a member and waits for nothing, succ[t][0] is another member, with suspicions left",
    effect: "it is taken for dead, as in time-out",
    enabled: (ring) =>
      ring.suspicions === 0
        ? []
        : where(
            (peer, all, id) =>
              isIdle(peer) && isMember(all, peer.successors[0] ?? null) && peer.successors[0] !== id,
          )(ring),
    happen: (ring, { at }) => {
      const peer = ring.peers[at]
      if (peer === undefined) return ring
      const [, ...rest] = peer.successors
      const successors = [...rest, next(peer.successors.at(-1) ?? at)]
      const after = withPeer(ring, at, { ...peer, successors, operation: null })
      return notifying({ ...after, suspicions: ring.suspicions - 1 }, at, successors[0])
    },
  },
]

const failed = (ring: Ring, id: number): Ring => ({
  ...ring,
  peers: ring.peers.with(id, dead),
  failures: ring.failures - 1,
})
