import type { Contact } from "../peer/Contact.ts"
import type { Turn } from "../peer/Turn.ts"
import { corrupted, putFetch, putReplica, recorded, replicaAt, tell } from "./Cells.ts"
import { compareBallots, type Ballot } from "./Ballot.ts"
import type { Accepted, Proposal } from "./Durable.ts"
import { fetch, withFetched } from "./Fetching.ts"
import { cut, markOf, passes } from "./Log.ts"
import type { Promised, Replica } from "./Replica.ts"
import type { ReplicaMessage } from "./ReplicaMessage.ts"
import type { Fetch } from "./Replication.ts"
import { isMember } from "./View.ts"

/** A member of epoch e as acceptor in the choice of view e + 1 (journal.md, PREPARE and ACCEPT). */

type Of<T extends ReplicaMessage["type"]> = Extract<ReplicaMessage, { readonly type: T }>

export const isHigher = (ballot: Ballot, than: Ballot | null): boolean =>
  than === null || compareBallots(ballot, than) > 0

/** Whether a member that promised `ballot` may accept at `offered`. */
const mayAccept = (offered: Ballot, ballot: Ballot | null): boolean =>
  ballot === null || compareBallots(offered, ballot) >= 0

/** `replica` with that ballot promised, which seals it: it leads no longer and acknowledges nothing. */
export const promised = (
  turn: Turn,
  replica: Replica,
  ballot: Ballot,
  accepted: Accepted | null = replica.record.accepted,
): Replica => ({
  ...recorded(turn, replica, { ...replica.record, ballot, accepted }),
  counter: Math.max(replica.counter, ballot.counter),
  sealedAt: turn.state.turns,
  leading: null,
  dueAt: null,
})

export const promiseOf = (turn: Turn, { log, record }: Replica): Promised => ({
  member: turn.state.config.self,
  accepted: record.accepted,
  log: markOf(log),
  leaving: turn.state.replication.leaveAt !== null || turn.state.phase === "leaving",
})

export const onPrepare = (turn: Turn, from: Contact, replica: Replica, message: Of<"Prepare">): void => {
  const { ballot, cell, epoch } = message
  const { record } = replica
  if (!isMember(record.view, from)) return
  const isAgain = record.ballot !== null && compareBallots(ballot, record.ballot) === 0
  if (record.ballot !== null && !isAgain && !isHigher(ballot, record.ballot)) {
    return tell(turn, from, { type: "Refuse", cell, epoch, ballot: record.ballot })
  }
  // The answer to the same question was lost: it is given again.
  const now = isAgain ? replica : { ...promised(turn, replica, ballot), proposing: null }
  if (!isAgain) putReplica(turn, cell, now)
  const { accepted, leaving, log } = promiseOf(turn, now)
  tell(turn, from, { type: "Promise", cell, epoch, ballot, accepted, log, leaving })
}

export const onAccept = (turn: Turn, from: Contact, replica: Replica, message: Of<"Accept">): void => {
  const { ballot, cell, epoch, proposal } = message
  if (!isMember(replica.record.view, from)) return
  const outcome = accept(turn, from, replica, ballot, proposal)
  if (outcome === "accepted") tell(turn, from, { type: "Accepted", cell, epoch, ballot })
}

/**
 * Accepts what `from` proposes, if its ballot is not too low and the log that it rests on is here; fetches that log
 * otherwise. A ballot that is too low is refused.
 */
export const accept = (
  turn: Turn,
  from: Contact,
  replica: Replica,
  ballot: Ballot,
  proposal: Proposal,
): "accepted" | "refused" | "fetching" => {
  const { cell, epoch } = replica.record
  const { log, record } = replica
  if (!mayAccept(ballot, record.ballot)) {
    if (record.ballot) tell(turn, from, { type: "Refuse", cell, epoch, ballot: record.ballot })
    return "refused"
  }
  if (passes(log, proposal.base)) {
    acceptNow(turn, replica, ballot, proposal)
    return "accepted"
  }
  if (log.length >= proposal.base.length) {
    corrupted(turn, cell, replica, `the log that epoch ${epoch + 1} is to begin with is not this one's`)
    return "refused"
  }
  const running = turn.state.replication.fetches.get(cell)?.purpose
  const isRunning =
    running?.type === "accept" && running.epoch === epoch && compareBallots(running.ballot, ballot) >= 0
  if (isRunning) return "fetching"
  const sources = [from, ...proposal.old, ...proposal.members]
  const isHere = fetch(turn, cell, { type: "accept", epoch, ballot, proposal, from }, proposal.base, sources)
  const whole = isHere ? turn.state.replication.fetches.get(cell) : undefined
  return whole !== undefined && acceptFetched(turn, cell, whole) ? "accepted" : "fetching"
}

/**
 * The log that a proposal rests on is here whole. The guard is checked again: much may have been promised meanwhile.
 *
 * @returns whether it was accepted
 */
export const acceptFetched = (turn: Turn, cell: number, { purpose, staged }: Fetch): boolean => {
  const replica = replicaAt(turn, cell)
  if (purpose.type !== "accept" || replica === null) return false
  const { ballot, epoch, from, proposal } = purpose
  const { record } = replica
  putFetch(turn, cell, null)
  if (record.role !== "member" || record.epoch !== epoch) return false
  if (!mayAccept(ballot, record.ballot)) {
    if (record.ballot) tell(turn, from, { type: "Refuse", cell, epoch, ballot: record.ballot })
    return false
  }
  if (passes(replica.log, proposal.base)) {
    acceptNow(turn, replica, ballot, proposal)
    return true
  }
  const longer = withFetched(turn, replica, cut(staged, proposal.base.length))
  if (longer === null) {
    corrupted(turn, cell, replica, `the logs of epoch ${epoch} differ before entry ${replica.log.length}`)
    return false
  }
  acceptNow(turn, longer, ballot, proposal)
  return true
}

/** Log and acceptance are stored together, all or none: no acceptance without the log that it rests on. */
const acceptNow = (turn: Turn, replica: Replica, ballot: Ballot, proposal: Proposal): void => {
  const { accepted, cell } = replica.record
  if (accepted !== null && compareBallots(accepted.ballot, ballot) === 0) return
  const isOwn = replica.proposing !== null && compareBallots(replica.proposing.ballot, ballot) === 0
  const sealed = promised(turn, replica, ballot, { ballot, proposal })
  putReplica(turn, cell, { ...sealed, proposing: isOwn ? replica.proposing : null })
}
