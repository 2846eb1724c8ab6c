import { viewKnown } from "../replication/Replica.ts"
import { nextHop } from "../routing/NextHop.ts"
import { inArc } from "../ring/Arc.ts"
import { homeOf } from "../ring/Cell.ts"
import type { RingId } from "../ring/RingId.ts"
import type { Contact } from "./Contact.ts"
import type { PeerState } from "./PeerState.ts"
import { firstUsable, isSelf, isUsable, known } from "./Turn.ts"

/** What a peer can say about who leads a cell. */
export interface Leadership {
  readonly leads: boolean
  /** When it does not lead: whom it takes for the leader, if it can tell without asking around. */
  readonly hint: Contact | null
}

/**
 * Who leads `cell`, as far as this peer knows: whoever its replica says, if it has one or remembers one. Otherwise, and
 * always in the mode stateless, the ring says it.
 *
 * @param cell in [0, config.cells).
 */
export const leadershipOf = (state: PeerState, cell: number): Leadership => {
  if (state.config.journal === null) return ringLeadershipOf(state, cell)
  const replica = state.replicas[cell]
  if (replica?.leading) return { leads: true, hint: null }
  const leader = replica ? viewKnown(replica)[0] : undefined
  if (leader !== undefined && !isSelf(state, leader) && isUsable(state, leader)) {
    return { leads: false, hint: leader }
  }
  // The ring may know who comes next, but cannot make this peer a leader.
  return { leads: false, hint: ringLeadershipOf(state, cell).hint }
}

/**
 * By the ring alone: the first member at or after the cell's home (journal.md, Genesis: the first desired member). A
 * hint like all the ring says; two peers may both believe to lead for as long as one of them has not heard of the other.
 */
const ringLeadershipOf = (state: PeerState, cell: number): Leadership => {
  if (state.phase === "joining") return { leads: false, hint: null }
  const home = homeOf(cell, state.config.cells)
  const { self } = state.config
  if (inArc(lowerBound(state), home, self.id)) {
    if (state.phase === "member") return { leads: true, hint: null }
    const heir = firstUsable(state)
    return { leads: false, hint: heir === undefined || isSelf(state, heir) ? null : heir }
  }
  const hop = nextHop(self, state.predecessor, state.successors, state.fingers, home, (peer) =>
    isUsable(state, peer),
  )
  return { leads: false, hint: hop.kind === "final" ? hop.to : null }
}

/**
 * Where this peer's arc begins. Between the loss of a predecessor and the notification of the next one that is the
 * nearest peer it knows of before itself: whoever lies between has not been heard of, and must ask the ring.
 */
const lowerBound = (state: PeerState): RingId => {
  const { self } = state.config
  if (isUsable(state, state.predecessor)) return state.predecessor.id
  let best = self.id
  for (const peer of known(state)) if (best === self.id || inArc(best, peer.id, self.id)) best = peer.id
  return best
}
