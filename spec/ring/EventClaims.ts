import type { System } from "../explorer/System.ts"
import { atLeastOneRing } from "./invariants/AtLeastOneRing.ts"
import { atMostOneRing } from "./invariants/AtMostOneRing.ts"
import type { Claim } from "./invariants/Claim.ts"
import { connectedAppendages } from "./invariants/ConnectedAppendages.ts"
import { orderedAppendages } from "./invariants/OrderedAppendages.ts"
import { orderedMerges } from "./invariants/OrderedMerges.ts"
import { orderedRing } from "./invariants/OrderedRing.ts"
import { validSuccessorList } from "./invariants/ValidSuccessorList.ts"
import { allEvents, eventLine, type RingEvent } from "./RingEvent.ts"
import type { Snapshot } from "./Snapshot.ts"

type Named = readonly [name: string, claim: Claim]

/** Without these a ring may never be right again. Our rules promise them, while what they assume of failures holds. */
export const neededClaims: ReadonlyArray<Named> = [
  ["AtLeastOneRing", atLeastOneRing],
  ["AtMostOneRing", atMostOneRing],
  ["OrderedRing", orderedRing],
  ["ConnectedAppendages", connectedAppendages],
]

/** What the original was said to keep. The last three only mislead lookups for a while; our rules do not promise them. */
export const publishedClaims: ReadonlyArray<Named> = [
  ...neededClaims,
  ["OrderedMerges", orderedMerges],
  ["OrderedAppendages", orderedAppendages],
  ["ValidSuccessorList", validSuccessorList],
]

/** Ids of the lists of ring.md. */
const SIZE = 4

/**
 * Rings as the lists of ring.md speak of them, one event after another from peer 0 alone, each with all messages
 * that it causes. Whatever cannot happen changes nothing.
 */
export const eventSystem = <S>(
  name: string,
  claims: ReadonlyArray<Named>,
  start: S,
  after: (state: S, event: RingEvent) => S,
  snapshotOf: (state: S) => Snapshot,
): System<S, RingEvent> => ({
  name,
  initial: [start],
  actions: () => allEvents(SIZE),
  apply: after,
  fingerprint: (state) => JSON.stringify(snapshotOf(state)),
  invariants: claims.map(([claim, broken]) => ({
    name: claim,
    broken: (state) => broken(snapshotOf(state)),
  })),
  witnesses: [{ name: "Ideal", seen: (state) => isIdeal(snapshotOf(state)) }],
  goals: [],
  describe: eventLine,
  show: (state) =>
    snapshotOf(state).map(
      ({ id, successors, predecessor }) =>
        `${id}: successors ${successors.join(" ")}, predecessor ${predecessor ?? "none"}`,
    ),
})

const isIdeal = (snapshot: Snapshot): boolean => {
  const sorted = snapshot.toSorted((a, b) => a.id - b.id)
  return sorted.every(
    ({ successors, predecessor }, i) =>
      predecessor === sorted.at(i - 1)?.id &&
      successors.every((entry, k) => entry === sorted[(i + 1 + k) % sorted.length]?.id),
  )
}
