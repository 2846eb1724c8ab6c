import { type Contact, sameContact } from "../peer/Contact.ts"
import { isUsable, type Turn } from "../peer/Turn.ts"
import type { RingId } from "../ring/RingId.ts"
import { isItsTurn, isPresent, putReplica, putReplication, replicaAt, ticksOf } from "./Cells.ts"
import { refreshLive } from "./Desired.ts"
import { repeatFetches } from "./Fetching.ts"
import { acknowledge, answerView, askView } from "./Install.ts"
import { beat } from "./Leader.ts"
import { plan } from "./Moves.ts"
import { type Replica, viewKnown } from "./Replica.ts"
import { PATIENCE_MS, REPEAT_TICKS } from "./Replication.ts"
import { comembersOf } from "./Start.ts"
import { campaign, rankOf, repeatProposal } from "./ViewChange.ts"

/** What replication does of itself as time goes by and peers come and go (journal.md, Liveness). */

/**
 * How long a leader that others have chosen is waited for by who cannot hear it, in ms. Where links are cut so that each peer
 * reaches some of the others they would depose one another in turn, at every tick.
 */
const CHOSEN_MS = 2_000

/** Seconds without a word of the leader after which a member asks whether it missed a view. */
const QUIET_SECONDS = 3

/** The first event: what the store had of a cell and cannot be is said, once. */
export const begin = (turn: Turn): void => {
  for (const [cell, replica] of turn.state.replicas.entries()) {
    if (replica?.corrupt !== true) continue
    const reason = `what is stored of it does not hold the log that epoch ${replica.record.epoch} began with`
    turn.commands.push({ type: "trace", record: { type: "corrupt", cell, reason } })
  }
}

/** One tick. A cell in which nothing is open costs a look. */
export const replicate = (turn: Turn): void => {
  if (turn.state.config.journal === null || turn.state.replication.failed) return
  refreshLive(turn)
  repeatFetches(turn)
  const { replicas } = turn.state
  for (let cell = 0; cell < replicas.length; cell++) {
    const replica = replicas[cell]
    if (replica && !replica.corrupt) tickCell(turn, cell, replica)
  }
}

const tickCell = (turn: Turn, cell: number, replica: Replica): void => {
  const { record } = replica
  if (record.role === "tombstone") return
  const itsTurn = isItsTurn(turn.state, cell)
  if (record.role === "former") {
    if (itsTurn) for (const peer of viewKnown(replica)) answerView(turn, peer, replica)
    return
  }
  if (replica.leading !== null) {
    if (replica.dueAt !== null && turn.state.turns >= replica.dueAt) return campaign(turn, replica)
    beat(turn, cell)
    const isMoving = replica.leading.moveSince !== null
    if (isMoving || itsTurn || turn.state.replication.leaveAt !== null) plan(turn, cell)
    return
  }
  if (replica.proposing !== null) return repeatProposal(turn, replica)
  if (isDue(turn, replica)) return campaign(turn, replica)
  if (replica.unheard && turn.state.turns % (REPEAT_TICKS + 1) === 0) acknowledge(turn, cell, record)
  const quiet = turn.state.turns - replica.heardAt > QUIET_SECONDS * ticksOf(turn.state, 1_000)
  if (quiet && itsTurn) for (const peer of record.view) askView(turn, peer, cell, replica)
}

/** Whether this member is to propose now: its leader is lost, or it has been sealed for long, and its turn has come. */
const isDue = (turn: Turn, replica: Replica): boolean => {
  const { config, replication, turns } = turn.state
  const { ballot, view } = replica.record
  if (ballot !== null) {
    const patience = ticksOf(turn.state, PATIENCE_MS)
    const sealed = turns - replica.sealedAt
    return sealed > patience && sealed > patience + rankOf(turn, view) * config.suspectTicks
  }
  const leader = view[0]
  if (leader === undefined || isPresent(turn.state, leader)) return false
  // In whose place a later incarnation speaks, that one was never seen to fall silent.
  const lostAt = replication.lostAt.get(leader.id) ?? replica.heardAt
  // Others have chosen a leader that this member takes for dead: they hear it, so it is given time to get through.
  const isChosen = replica.heardAt - lostAt > REPEAT_TICKS
  const since = isChosen ? replica.heardAt + ticksOf(turn.state, CHOSEN_MS) : lostAt
  return turns - since >= rankOf(turn, view) * config.suspectTicks
}

/** Somebody is taken for dead, or for alive again, since the last look: leaders among them are replaced. */
export const reconsider = (turn: Turn): void => {
  const { config, detector, replication, turns } = turn.state
  if (config.journal === null || replication.failed || detector.suspected === replication.suspected) return
  const lostAt = new Map<RingId, number>()
  for (const id of detector.suspected.keys()) lostAt.set(id, replication.lostAt.get(id) ?? turns)
  putReplication(turn, { lostAt, suspected: detector.suspected })
  refreshLive(turn)
  const { replicas } = turn.state
  for (let cell = 0; cell < replicas.length; cell++) {
    const replica = replicas[cell]
    if (!replica || replica.corrupt || replica.record.role !== "member") continue
    if (replica.leading === null && replica.proposing === null && replica.record.ballot === null) {
      if (isDue(turn, replica)) campaign(turn, replica)
    } else if (replica.leading !== null && replica.record.view.some((peer) => !isUsable(turn.state, peer))) {
      plan(turn, cell)
    }
  }
}

/** Views have changed in this step: others are watched from now on. */
export const rewatch = (turn: Turn): void => {
  const { config, replicas, replication } = turn.state
  for (const [cell, before] of turn.touched) {
    const now = replicaAt(turn, cell)
    if (before?.record.view === now?.record.view && before?.record.role === now?.record.role) continue
    return putReplication(turn, { comembers: comembersOf(config.self, replicas, replication.comembers) })
  }
}

/**
 * `peer` speaks: should it have moved, it is spoken to where it is now; should it have lost its disk, its earlier
 * incarnation is not waited for.
 */
export const meet = (turn: Turn, peer: Contact): void => {
  const { comembers } = turn.state.replication
  const before = comembers.get(peer.id)
  if (before === undefined || peer.incarnation < before.incarnation || sameContact(before, peer)) return
  putReplication(turn, { comembers: new Map(comembers).set(peer.id, peer) })
}

/** The store is gone: this peer leads nothing and says nothing of any cell any more. */
export const stopReplicating = (turn: Turn): void => {
  putReplication(turn, { failed: true, fetches: new Map() })
  for (const [cell, replica] of turn.state.replicas.entries()) {
    if (replica !== null && (replica.leading !== null || replica.proposing !== null)) {
      putReplica(turn, cell, { ...replica, leading: null, proposing: null })
    }
  }
}

/**
 * For how many cells others, who are there, still need this peer: it has the cell to hand over, or has handed it over and
 * not been told that a majority of the new members has the log.
 */
export const cellsNeeding = (turn: Turn): number => {
  const { config, replicas, replication } = turn.state
  if (replication.live.every((peer) => peer.id === config.self.id)) return 0
  let count = 0
  for (const replica of replicas) {
    if (replica === null || replica.corrupt) continue
    const { role, view } = replica.record
    if (role === "former" || (role === "member" && view[0]?.id === config.self.id)) count++
  }
  return count
}
