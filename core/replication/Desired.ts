import { type Contact, samePeer } from "../peer/Contact.ts"
import type { PeerState } from "../peer/PeerState.ts"
import { isSelf, isUsable, known, type Turn } from "../peer/Turn.ts"
import { cellOf, homeOf } from "../ring/Cell.ts"
import type { RingId } from "../ring/RingId.ts"
import { isPresent, journalOf, putReplication } from "./Cells.ts"
import type { CellRecord } from "./Durable.ts"
import type { View } from "./View.ts"

/** Who is to replicate a cell: the first r live peers clockwise from its home (journal.md, Genesis). */

/** Looks again at who is alive, and remembers when that last changed. */
export const refreshLive = (turn: Turn): void => {
  const { config, phase, replication, turns } = turn.state
  const byId = new Map<RingId, Contact>()
  const meet = (peer: Contact): void => {
    if ((byId.get(peer.id)?.incarnation ?? 0) < peer.incarnation) byId.set(peer.id, peer)
  }
  for (const peer of known(turn.state)) meet(peer)
  for (const peer of replication.comembers.values()) if (isUsable(turn.state, peer)) meet(peer)
  byId.delete(config.self.id)
  if (replication.leaveAt === null && phase !== "leaving") meet(config.self)
  const live = [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const isSame =
    live.length === replication.live.length &&
    live.every((peer, index) => {
      const before = replication.live[index]
      return before !== undefined && samePeer(before, peer)
    })
  if (!isSame) putReplication(turn, { live, liveSince: turns })
}

/** `peers`, in increasing order of id, in clockwise order from the cell's home. */
export const clockwise = (
  peers: ReadonlyArray<Contact>,
  cell: number,
  cells: number,
): ReadonlyArray<Contact> => {
  const first = firstOf(peers, cell, cells)
  return first <= 0 ? peers : [...peers.slice(first), ...peers.slice(0, first)]
}

/** The index of the first of `peers` at or after the cell's home; -1 if all lie before it. A home is its cell's last id. */
const firstOf = (peers: ReadonlyArray<Contact>, cell: number, cells: number): number =>
  peers.findIndex(({ id }) => {
    const at = cellOf(id, cells)
    return at > cell || (at === cell && id === homeOf(cell, cells))
  })

/**
 * The desired members of a cell that has that view. When too few are alive, members that are only taken for dead stay:
 * a smaller view would survive no more, and could not go on when they come back.
 */
export const desiredOf = (state: PeerState, cell: number, view: View): View => {
  const { replicas } = journalOf(state)
  const alive = clockwise(state.replication.live, cell, state.config.cells).slice(0, replicas)
  return alive.length < replicas
    ? filled(
        alive,
        view.filter((peer) => isStaying(state, peer)),
        replicas,
      )
    : alive
}

/** Whether this peer is a backup of the cell, and the one that its leader is to hand it over to. */
export const isNextByPlan = (state: PeerState, { cell, role, view }: CellRecord): boolean => {
  const [leader] = view
  if (role !== "member" || leader === undefined || leader.id === state.config.self.id) return false
  // The first of the desired members: asked at each step, so the others are not looked for.
  const { live } = state.replication
  const first = live[Math.max(0, firstOf(live, cell, state.config.cells))]
  const heir = first ?? view.find((peer) => isStaying(state, peer))
  return heir !== undefined && isSelf(state, heir)
}

/** `view`, filled up from `others` to `size` members. */
export const filled = (view: View, others: View, size: number): View => {
  const members = [...view]
  for (const peer of others) {
    if (members.length < size && !members.some((one) => one.id === peer.id)) members.push(peer)
  }
  return members
}

/** Whether a member that may be dead is worth waiting for: it has not said that it leaves, and has not been replaced. */
const isStaying = (state: PeerState, peer: Contact): boolean => {
  if (isSelf(state, peer)) return state.replication.leaveAt === null && state.phase !== "leaving"
  return isPresent(state, peer) || isOnlySilent(state, peer)
}

const isOnlySilent = (state: PeerState, peer: Contact): boolean => {
  const suspicion = state.detector.suspected.get(peer.id)
  return suspicion !== undefined && samePeer(suspicion.peer, peer) && suspicion.reason !== "leaving"
}
