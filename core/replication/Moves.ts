import { type Contact, samePeer } from "../peer/Contact.ts"
import type { PeerState } from "../peer/PeerState.ts"
import { isSelf, type Turn } from "../peer/Turn.ts"
import { isPresent, putReplica, replicaAt, tell, ticksOf } from "./Cells.ts"
import { desiredOf, isNextByPlan } from "./Desired.ts"
import { keyOf } from "./Learner.ts"
import { markOf } from "./Log.ts"
import type { Leading, Replica } from "./Replica.ts"
import { atATime, DRAIN_MS, PATIENCE_MS, REPAIR_MS } from "./Replication.ts"
import { acknowledge } from "./Install.ts"
import { isWarm } from "./Member.ts"
import { fastPath } from "./ViewChange.ts"
import { isMember, majority, type View } from "./View.ts"

/**
 * Planned moves by an active leader, when the cell's members or its first one are not the desired ones (journal.md,
 * Moves). A newcomer becomes a backup first, once it has the log, and leads only when its standby is warm: no client
 * waits for a replay because somebody joined.
 */
export const plan = (turn: Turn, cell: number): void => {
  const replica = replicaAt(turn, cell)
  if (!replica?.leading?.active) return
  const { leading, record } = replica
  const { state } = turn
  const desired = desiredOf(state, cell, record.view)
  if (!isDue(record.view, desired)) return stay(turn, cell, replica, leading)
  const urgent = record.view.some((peer) => (isSelf(state, peer) ? isLeaving(state) : isGone(state, peer)))
  const isStable = state.turns - state.replication.liveSince >= ticksOf(state, PATIENCE_MS)
  if (!urgent && !isStable && leading.drainSince === null) return
  if (leading.moveSince === null && !mayBegin(state)) return
  const since = leading.moveSince ?? state.turns
  if (leading.moveSince === null) putLeading(turn, cell, { moveSince: since })
  const newcomers = desired.filter((peer) => !isMember(record.view, peer))
  const unlearned = newcomers.filter((peer) => !leading.learned.has(keyOf(peer)))
  if (unlearned.length > 0) return teach(turn, replica, unlearned)
  // As long as others take over one cell after another, this one's turn comes.
  const stalled = Math.max(since, state.replication.leaveAt ?? since)
  const waited = state.turns - stalled >= ticksOf(state, DRAIN_MS)
  const leader = nextLeader(state, replica, desired, urgent && waited)
  // Whoever was warm has fallen behind again: no client waits until it has caught up.
  if (leader === null) return putOff(turn, cell, leading)
  // Newcomers come last: should the next leader be lost, one with a warm standby is to follow it.
  const others = desired.filter((peer) => !samePeer(peer, leader))
  const members = [
    leader,
    ...others.filter((peer) => isMember(record.view, peer)),
    ...others.filter((peer) => !isMember(record.view, peer)),
  ].slice(0, desired.length)
  // In a view of which no majority is there nobody could commit: rather the one that there is, with whoever comes back.
  const isThere = members.filter((peer) => isPresent(state, peer)).length >= majority(members)
  if (isThere) drain(turn, cell, members)
  else putOff(turn, cell, leading)
}

/**
 * Whether one more cell may begin to move. Each move is a log for somebody to take on and sessions to replay: where a peer
 * leaves, all its cells at once would keep their clients waiting for one another's. What has moved for long waits for
 * somebody, what is drained for a request of its own, and neither holds anybody up.
 */
const mayBegin = (state: PeerState): boolean => {
  const long = ticksOf(state, PATIENCE_MS)
  let moving = 0
  for (const replica of state.replicas) {
    if (!replica?.leading) continue
    const { drainSince, moveSince } = replica.leading
    if (moveSince !== null && drainSince === null && state.turns - moveSince < long) moving++
  }
  return moving < atATime(state.config.cells)
}

/**
 * This peer's standby has caught up in the cell. The leader hears of it at once if it is to hand the cell over to this
 * peer; others it need not bother.
 */
export const sayWarm = (turn: Turn, cell: number): void => {
  const replica = replicaAt(turn, cell)
  if (replica === null || replica.corrupt || replica.record.role !== "member") return
  if (isNextByPlan(turn.state, replica.record) && isWarm(turn.state, cell))
    acknowledge(turn, cell, replica.record)
}

const isCold = ({ config }: PeerState): boolean => config.journal?.standby === "cold"

const isLeaving = (state: PeerState): boolean =>
  state.replication.leaveAt !== null || state.phase === "leaving"

/**
 * Whether a backup is to be replaced. One that has only just fallen silent may be slow; and where a peer is lost, the
 * cells that it led come first: theirs are the clients that wait.
 */
const isGone = (state: PeerState, peer: Contact): boolean => {
  if (isPresent(state, peer)) return false
  const suspicion = state.detector.suspected.get(peer.id)
  if (suspicion === undefined || suspicion.reason === "leaving") return true
  const lostAt = state.replication.lostAt.get(peer.id) ?? state.turns
  return state.turns - lostAt >= ticksOf(state, REPAIR_MS)
}

const isDue = (view: View, desired: View): boolean => {
  const [first] = desired
  if (first === undefined) return false
  const leads = view[0] !== undefined && samePeer(first, view[0])
  return !leads || desired.length !== view.length || desired.some((peer) => !isMember(view, peer))
}

const putLeading = (turn: Turn, cell: number, more: Partial<Leading>): void => {
  const replica = replicaAt(turn, cell)
  if (replica?.leading) putReplica(turn, cell, { ...replica, leading: { ...replica.leading, ...more } })
}

/** Nothing is due, or not any more: the cell is served as before. */
const stay = (turn: Turn, cell: number, replica: Replica, leading: Leading): void => {
  if (leading.moveSince === null && leading.drainSince === null && leading.learned.size === 0) return
  putReplica(turn, cell, {
    ...replica,
    leading: { ...leading, draining: false, moveSince: null, drainSince: null, learned: new Map() },
  })
}

/** Not yet: the cell is served until then. */
const putOff = (turn: Turn, cell: number, { drainSince }: Leading): void => {
  if (drainSince !== null) putLeading(turn, cell, { draining: false, drainSince: null })
}

/** Asked again at each tick: that is how a newcomer that was too busy, or lost the question, gets to it. */
const teach = (turn: Turn, replica: Replica, newcomers: View): void => {
  const { cell, epoch, view } = replica.record
  for (const peer of newcomers)
    tell(turn, peer, { type: "Learn", cell, epoch, view, log: markOf(replica.log) })
}

/** Who leads the next view: the first desired one that can do so at once; null: wait. */
const nextLeader = (
  state: PeerState,
  replica: Replica,
  desired: View,
  atAnyPrice: boolean,
): Contact | null => {
  const { record, leading } = replica
  const mayLead = (peer: Contact): boolean => {
    const index = record.view.findIndex((one) => samePeer(one, peer))
    // A leader that leaves does not wait for backups that apply nothing before they are asked.
    const isReady =
      leading?.members[index]?.warm === true || (isLeaving(state) && index >= 0 && isCold(state))
    return isSelf(state, peer) || (isPresent(state, peer) && isReady)
  }
  const [first] = desired
  if (first !== undefined && mayLead(first)) return first
  const self = desired.find((peer) => isSelf(state, peer))
  if (self !== undefined) {
    // Nothing but a change of the leader is due, and the desired one is not ready for it.
    const isOnlyOrder =
      desired.every((peer) => isMember(record.view, peer)) && desired.length === record.view.length
    return isOnlyOrder ? null : self
  }
  const warm = desired.find(mayLead)
  if (warm !== undefined) return warm
  // All of them are new: they become backups under this leader first. A view of one has no room for that.
  if (!isLeaving(state)) return desired.length > 1 ? state.config.self : (first ?? null)
  // Only members ever become warm: where all are new there is nothing to wait for.
  if (!atAnyPrice && desired.some((peer) => isMember(record.view, peer))) return null
  return desired.find((peer) => isMember(record.view, peer) && isPresent(state, peer)) ?? first ?? null
}

/** What runs in the cell ends first, or has had its time. */
const drain = (turn: Turn, cell: number, members: View): void => {
  const { state } = turn
  const replica = replicaAt(turn, cell)
  if (!replica?.leading) return
  const since = replica.leading.drainSince ?? state.turns
  const running = state.handoff.cells[cell]?.running ?? 0
  if (running === 0 || state.turns - since >= ticksOf(state, DRAIN_MS))
    return fastPath(turn, replica, members)
  if (!replica.leading.draining) putLeading(turn, cell, { draining: true, drainSince: since })
}
