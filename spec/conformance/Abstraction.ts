import type { PeerState } from "../../core/peer/PeerState.ts"
import type { RingId } from "../../core/ring/RingId.ts"
import type { Snapshot } from "../ring/Snapshot.ts"

/**
 * What the claims of spec/ring look at in the states of real peers: members only, their ids as numbers.
 *
 * @param number gives each ring id its number, in the order of the ring; by default its rank among all that occur,
 * entries that stand for nobody included.
 */
export const snapshotOf = (
  states: ReadonlyArray<PeerState>,
  number: (id: RingId) => number = rankAmong(states),
): Snapshot =>
  members(states).map(({ config, successors, predecessor }) => ({
    id: number(config.self.id),
    successors: successors.map((entry) => number(entry.id)),
    predecessor: number(predecessor.id),
  }))

const members = (states: ReadonlyArray<PeerState>): ReadonlyArray<PeerState> =>
  states.filter((state) => state.phase === "member")

const rankAmong = (states: ReadonlyArray<PeerState>): ((id: RingId) => number) => {
  const ids = members(states).flatMap(({ config, successors, predecessor }) => [
    config.self.id,
    predecessor.id,
    ...successors.map((entry) => entry.id),
  ])
  const ranks = new Map([...new Set(ids)].toSorted().map((id, rank) => [id, rank]))
  return (id) => ranks.get(id) ?? -1
}
