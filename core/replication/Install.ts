import { type Contact, samePeer } from "../peer/Contact.ts"
import { isSelf, type Turn } from "../peer/Turn.ts"
import { persistNumber, putFetch, putReplica, recorded, replicaAt, tell, writeOut } from "./Cells.ts"
import { type CellRecord, NO_HASH, type Proposal } from "./Durable.ts"
import { fetch } from "./Fetching.ts"
import { awaitFlush } from "./Leader.ts"
import { cut, durableOf, emptyLog, type Log, markOf, passes } from "./Log.ts"
import { ack } from "./Member.ts"
import { epochKnown, leadingOf, type Replica, replicaOf } from "./Replica.ts"
import type { Fetch } from "./Replication.ts"
import { isMember, type View } from "./View.ts"

/** How a decided view is taken on, and how a peer that is none of it lets go (journal.md, INSTALL and RETIRE). */

/** The view of `epoch` is decided: whoever is in it fetches its log and takes it on, whoever is not stops. */
export const install = (turn: Turn, from: Contact, cell: number, epoch: number, proposal: Proposal): void => {
  const replica = replicaAt(turn, cell)
  if (replica !== null && epochKnown(replica) >= epoch) return
  const running = turn.state.replication.fetches.get(cell)?.purpose
  if (!isMember(proposal.members, turn.state.config.self)) {
    if (replica !== null) stepDown(turn, replica, epoch, proposal)
    else if (running?.type === "install" && running.epoch < epoch) putFetch(turn, cell, null)
    return
  }
  const { base, members, old } = proposal
  if (replica !== null && replica.record.role !== "tombstone" && passes(replica.log, base)) {
    return adopt(turn, cell, epoch, proposal, replica.log, isSelf(turn.state, from))
  }
  if (running?.type === "install" && running.epoch >= epoch) return
  if (fetch(turn, cell, { type: "install", epoch, proposal }, base, [from, ...old, ...members])) {
    const whole = turn.state.replication.fetches.get(cell)
    if (whole) installFetched(turn, cell, whole)
  }
}

/** The log of a decided view is here whole. */
export const installFetched = (turn: Turn, cell: number, { purpose, staged }: Fetch): void => {
  if (purpose.type !== "install") return
  const replica = replicaAt(turn, cell)
  if (replica !== null && epochKnown(replica) >= purpose.epoch) return putFetch(turn, cell, null)
  adopt(turn, cell, purpose.epoch, purpose.proposal, staged)
}

/** Log and record change together, all or none: a crash leaves the old view with its log, or the new one with its own. */
const adopt = (
  turn: Turn,
  cell: number,
  epoch: number,
  proposal: Proposal,
  held: Log,
  isOwn = false,
): void => {
  const before = replicaAt(turn, cell)
  const { base, members, old } = proposal
  const log = held.start.length > base.length ? held : cut(held, base.length)
  const isRewritten = before !== null && (before.log.length > log.length || !passes(log, markOf(before.log)))
  if (before?.log !== held) writeOut(turn, { type: "replace", cell, log: durableOf(log) })
  else if (held.length > log.length) writeOut(turn, { type: "cut", cell, length: log.length })
  const record: CellRecord = {
    cell,
    role: "member",
    epoch,
    view: members,
    base,
    ballot: null,
    accepted: null,
    next: null,
  }
  const { self } = turn.state.config
  const leader = members[0] ?? self
  const leads = samePeer(leader, self)
  const number = persistNumber(turn)
  const retiring = old.filter((peer) => !isMember(members, peer))
  putReplica(turn, cell, {
    ...recorded(turn, replicaOf(record, log), record),
    rewrites: (before?.rewrites ?? 0) + (isRewritten ? 1 : 0),
    // What this member decided itself, bound to what others had accepted, says nothing of the leader it has.
    heardAt: isOwn && before !== null ? before.heardAt : turn.state.turns,
    unheard: !leads,
    leading: leads
      ? { ...leadingOf(members, log.length, -1, retiring), flushing: [{ number, length: log.length }] }
      : null,
  })
  if (turn.state.replication.fetches.has(cell)) putFetch(turn, cell, null)
  if (leads) awaitFlush(turn, cell, number)
  else acknowledge(turn, cell, record)
  turn.commands.push({
    type: "trace",
    record: {
      type: "view",
      cell,
      epoch,
      members: members.map((one) => one.name),
      leads,
      entries: log.length,
    },
  })
}

/** The new leader hears that this member has the view's log, unless it is sealed by now. */
export const acknowledge = (turn: Turn, cell: number, { ballot, base, epoch, view }: CellRecord): void => {
  const leader = view[0]
  if (leader === undefined || ballot !== null) return
  ack(turn, leader, { cell, epoch, round: null, length: base.length })
}

const stepDown = (turn: Turn, replica: Replica, epoch: number, proposal: Proposal): void => {
  const { record } = replica
  // A majority of the epoch between had the log before it could decide on this one: nobody needs mine.
  if (record.role !== "member" || record.epoch + 1 !== epoch)
    return bury(turn, replica, epoch, proposal.members)
  const former = recorded(turn, replica, { ...record, role: "former", next: proposal })
  putReplica(turn, record.cell, { ...former, leading: null, proposing: null, dueAt: null })
  if (turn.state.replication.fetches.has(record.cell)) putFetch(turn, record.cell, null)
}

/**
 * `from` says that nobody needs this peer's log any more. A member of the next view knows that a majority of it has the
 * log, and so does whoever knows a view after that; of a former member's word only the view is sure.
 */
export const retire = (turn: Turn, from: Contact, cell: number, epoch: number, view: View): void => {
  const replica = replicaAt(turn, cell)
  if (replica === null || replica.record.epoch >= epoch) return
  const { record } = replica
  const isSure = record.role === "tombstone" || epoch > record.epoch + 1 || isMember(view, from)
  if (isSure) return bury(turn, replica, epoch, view)
  if (record.role === "member") for (const peer of view) askView(turn, peer, cell, replica)
}

const bury = (turn: Turn, replica: Replica, epoch: number, view: View): void => {
  const { cell } = replica.record
  const record: CellRecord = {
    cell,
    role: "tombstone",
    epoch,
    view,
    base: { length: 0, head: NO_HASH },
    ballot: null,
    accepted: null,
    next: null,
  }
  writeOut(turn, { type: "replace", cell, log: durableOf(emptyLog) })
  const buried = recorded(turn, replicaOf(record, emptyLog), record)
  putReplica(turn, cell, { ...buried, rewrites: replica.rewrites + 1 })
  if (turn.state.replication.fetches.has(cell)) putFetch(turn, cell, null)
}

/** Whoever asked, or spoke of an earlier epoch, hears the latest view that this peer knows. */
export const answerView = (turn: Turn, to: Contact, { record }: Replica): void => {
  const { base, cell, epoch, next, role, view } = record
  if (role === "tombstone") tell(turn, to, { type: "Retire", cell, epoch, view })
  else if (role === "former" && next)
    tell(turn, to, { type: "Install", cell, epoch: epoch + 1, proposal: next })
  else if (role === "member") {
    tell(turn, to, { type: "Install", cell, epoch, proposal: { members: view, base, old: view } })
  }
}

/** `peer` should know what this peer does not: that of a later epoch. */
export const askView = (turn: Turn, peer: Contact, cell: number, replica: Replica | null): void => {
  if (isSelf(turn.state, peer)) return
  tell(turn, peer, { type: "ViewQuery", cell, epoch: replica === null ? 0 : epochKnown(replica) })
}
