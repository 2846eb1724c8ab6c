import { type Contact, samePeer } from "../peer/Contact.ts"
import { isSelf, isUsable, type Turn } from "../peer/Turn.ts"
import { accept, isHigher, promised, promiseOf } from "./Acceptor.ts"
import { type Ballot, compareBallots } from "./Ballot.ts"
import {
  isItsTurn,
  isPresent,
  journalOf,
  persistNumber,
  putReplica,
  putReplication,
  replicaAt,
  tell,
} from "./Cells.ts"
import { desiredOf, filled } from "./Desired.ts"
import type { Accepted, Proposal } from "./Durable.ts"
import { install } from "./Install.ts"
import { emptyLog, markOf } from "./Log.ts"
import type { Promised, Proposing, Replica } from "./Replica.ts"
import type { ReplicaMessage } from "./ReplicaMessage.ts"
import { REPEAT_TICKS } from "./Replication.ts"
import { isMember, majority, type View } from "./View.ts"

/** The proposer of a cell's next view (journal.md, PREPARE to INSTALL, and FAST PATH). */

type Of<T extends ReplicaMessage["type"]> = Extract<ReplicaMessage, { readonly type: T }>

const begun = (turn: Turn, ballot: Ballot): Proposing => ({
  ballot,
  promises: new Map(),
  proposal: null,
  accepted: new Set(),
  sentAt: turn.state.turns,
})

/** This member proposes: it promises its own ballot, which seals it, and asks the others of the view for theirs. */
export const campaign = (turn: Turn, replica: Replica): void => {
  const { cell, view } = replica.record
  const { self } = turn.state.config
  const ballot: Ballot = { counter: replica.counter + 1, id: self.id, boot: journalOf(turn.state).boot }
  const sealed = promised(turn, replica, ballot)
  const promises = new Map([[self.id as string, promiseOf(turn, sealed)]])
  putReplica(turn, cell, { ...sealed, proposing: { ...begun(turn, ballot), promises } })
  sayAgain(turn, cell, view)
  choose(turn, cell)
}

/**
 * A planned move by the leader: its whole log and these members, at the ballot that only it may use and only once; it
 * seals itself with it.
 *
 * @throws Error unless this peer leads the cell, is active and is not sealed
 */
export const fastPath = (turn: Turn, replica: Replica, members: View): void => {
  const { cell, ballot: before, view } = replica.record
  if (replica.leading?.active !== true || before !== null) {
    throw new Error(`cell ${cell}: a move is only its active leader's to make, before it is sealed`)
  }
  const { self } = turn.state.config
  const ballot: Ballot = { counter: 0, id: self.id, boot: journalOf(turn.state).boot }
  const proposal: Proposal = { members, base: markOf(replica.log), old: view }
  putReplica(turn, cell, { ...replica, proposing: { ...begun(turn, ballot), proposal } })
  offer(turn, cell)
}

export const onPromise = (turn: Turn, from: Contact, replica: Replica, message: Of<"Promise">): void => {
  const { proposing, record } = replica
  if (!isOfMine(proposing, message.ballot) || proposing.proposal !== null || !isMember(record.view, from))
    return
  if (proposing.promises.has(from.id)) return
  const { accepted, leaving, log } = message
  const promises = new Map(proposing.promises).set(from.id, { member: from, accepted, log, leaving })
  putReplica(turn, record.cell, { ...replica, proposing: { ...proposing, promises } })
  choose(turn, record.cell)
}

const isOfMine = (proposing: Proposing | null, ballot: Ballot): proposing is Proposing =>
  proposing !== null && compareBallots(proposing.ballot, ballot) === 0

/** Somebody was promised more: this one gives up, and remembers how high it must go another time. */
export const onRefuse = (turn: Turn, replica: Replica, message: Of<"Refuse">): void => {
  const { proposing, record } = replica
  const counter = Math.max(replica.counter, message.ballot.counter)
  const isBeaten = proposing !== null && isHigher(message.ballot, proposing.ballot)
  if (!isBeaten && counter === replica.counter) return
  putReplica(turn, record.cell, {
    ...replica,
    counter,
    proposing: isBeaten ? null : proposing,
    sealedAt: isBeaten ? turn.state.turns : replica.sealedAt,
  })
}

/** With a majority of promises: what may have been decided already is proposed again, else the longest log. */
const choose = (turn: Turn, cell: number): void => {
  const replica = replicaAt(turn, cell)
  const proposing = replica?.proposing
  if (!replica || !proposing || proposing.proposal !== null) return
  const { view } = replica.record
  const promises = [...proposing.promises.values()]
  if (promises.length < majority(view)) return
  const proposal = highest(promises)?.proposal ?? freshProposal(turn, replica, promises)
  putReplica(turn, cell, { ...replica, proposing: { ...proposing, proposal } })
  offer(turn, cell)
}

const highest = (promises: ReadonlyArray<Promised>): Accepted | null => {
  let best: Accepted | null = null
  for (const { accepted } of promises) {
    if (accepted !== null && (best === null || isHigher(accepted.ballot, best.ballot))) best = accepted
  }
  return best
}

const freshProposal = (turn: Turn, { record }: Replica, promises: ReadonlyArray<Promised>): Proposal => {
  const { cell, view } = record
  const { replicas } = journalOf(turn.state)
  const base = promises.reduce((best, { log }) => (log.length > best.length ? log : best), markOf(emptyLog))
  // In the order of the view, in which newcomers are last: the first of them is the one whose standby is warm.
  const sorted = view.filter((peer) =>
    promises.some(({ leaving, member }) => !leaving && samePeer(member, peer)),
  )
  // Of the others nothing is known but that they were up once: those that promised stay a majority without them.
  const size = sorted.length === 0 ? replicas : Math.min(replicas, 2 * sorted.length - 1)
  const members = filled(sorted.slice(0, size), desiredOf(turn.state, cell, view), size)
  return { members: members.length > 0 ? members : view, base, old: view }
}

/** The proposal goes to every member, this one included. */
const offer = (turn: Turn, cell: number): void => {
  const replica = replicaAt(turn, cell)
  const proposing = replica?.proposing
  if (!replica || !proposing || proposing.proposal === null) return
  const { self } = turn.state.config
  const { view } = replica.record
  // Before the message is made the acceptance must be a write of this step, so that it leaves after it.
  const outcome = accept(turn, self, replica, proposing.ballot, proposing.proposal)
  sayAgain(turn, cell, view)
  if (outcome === "accepted") countOwn(turn, cell, proposing.ballot)
}

/**
 * This member's own acceptance counts once it is durable, as anybody's does. In a view of one it decides alone: clients
 * would be answered out of a log that is not on any disk yet.
 */
export const countOwn = (turn: Turn, cell: number, ballot: Ballot): void => {
  const { accepting } = turn.state.replication
  if (accepting.some((one) => one.cell === cell && compareBallots(one.ballot, ballot) === 0)) return
  putReplication(turn, { accepting: [...accepting, { number: persistNumber(turn), cell, ballot }] })
}

/** All that was persisted up to `upTo` is durable. */
export const onAcceptancesStored = (turn: Turn, upTo: number): void => {
  const { accepting } = turn.state.replication
  if (!accepting.some(({ number }) => number <= upTo)) return
  putReplication(turn, { accepting: accepting.filter(({ number }) => number > upTo) })
  for (const { ballot, cell, number } of accepting) {
    if (number <= upTo) countAccepted(turn, cell, turn.state.config.self, ballot)
  }
}

export const onAccepted = (turn: Turn, from: Contact, replica: Replica, message: Of<"Accepted">): void => {
  if (isMember(replica.record.view, from)) countAccepted(turn, replica.record.cell, from, message.ballot)
}

/** One more member accepted. With a majority the view is decided, and everybody concerned hears of it. */
const countAccepted = (turn: Turn, cell: number, from: Contact, ballot: Ballot): void => {
  const replica = replicaAt(turn, cell)
  if (replica === null || !isOfMine(replica.proposing, ballot)) return
  const { proposal } = replica.proposing
  if (proposal === null || replica.proposing.accepted.has(from.id)) return
  const accepted = new Set(replica.proposing.accepted).add(from.id)
  putReplica(turn, cell, { ...replica, proposing: { ...replica.proposing, accepted } })
  const { epoch, view } = replica.record
  if (accepted.size < majority(view)) return
  const concerned = [...proposal.members, ...view.filter((peer) => !isMember(proposal.members, peer))]
  for (const peer of concerned) tell(turn, peer, { type: "Install", cell, epoch: epoch + 1, proposal })
  install(turn, turn.state.config.self, cell, epoch + 1, proposal)
}

/** Asks those of the view that have not answered; the ones that are taken for dead only about once a second. */
const sayAgain = (turn: Turn, cell: number, view: View): void => {
  const replica = replicaAt(turn, cell)
  if (!replica?.proposing) return
  const { epoch } = replica.record
  const { accepted, ballot, promises, proposal } = replica.proposing
  for (const peer of view) {
    if (isSelf(turn.state, peer)) continue
    if (proposal === null) {
      if (!promises.has(peer.id)) tell(turn, peer, { type: "Prepare", cell, epoch, ballot })
    } else if (!accepted.has(peer.id)) tell(turn, peer, { type: "Accept", cell, epoch, ballot, proposal })
  }
}

/** One tick of a view change that is under way. */
export const repeatProposal = (turn: Turn, replica: Replica): void => {
  const { proposing, record } = replica
  const { turns } = turn.state
  if (proposing === null || turns - proposing.sentAt < REPEAT_TICKS) return
  const itsTurn = isItsTurn(turn.state, record.cell)
  putReplica(turn, record.cell, { ...replica, proposing: { ...proposing, sentAt: turns } })
  const asked = record.view.filter((peer) => itsTurn || isUsable(turn.state, peer))
  sayAgain(turn, record.cell, asked)
  // What this member still lacks of the proposal's log is asked for by its fetch; a lost race begins that again.
  const isHeld = proposing.accepted.has(turn.state.config.self.id) || proposing.proposal === null
  if (!isHeld && !turn.state.replication.fetches.has(record.cell)) offer(turn, record.cell)
}

/** Where this peer stands among the members that are up, its leader left out: 0 is the first to propose. */
export const rankOf = (turn: Turn, view: View): number => {
  const { self } = turn.state.config
  const up = view.slice(1).filter((peer) => samePeer(peer, self) || isPresent(turn.state, peer))
  return Math.max(
    0,
    up.findIndex((peer) => samePeer(peer, self)),
  )
}
