import type { Contact } from "../peer/Contact.ts"
import type { RingMessage } from "../peer/Message.ts"
import type { Operation, PeerState } from "../peer/PeerState.ts"
import {
  firstUsable,
  isAwaited,
  isSelf,
  isUsable,
  known,
  send,
  setSuccessors,
  type Turn,
} from "../peer/Turn.ts"
import { between } from "../ring/Arc.ts"
import { distance } from "../ring/RingId.ts"
import * as Detector from "./Detector.ts"
import { rectify } from "./Rectify.ts"
import { adopt, alone, dropFirst, isNearer } from "./SuccessorList.ts"

/** What a member reports when it is queried. */
type Report = Extract<RingMessage, { type: "StateReply" }>

/**
 * stabilize(t): asks the first successor what it knows (ring.md, Operations; Zave 2017, section 4.3). Does nothing
 * while another operation waits for its answer.
 */
export const stabilize = (turn: Turn): void => {
  const { operation, candidate } = turn.state
  if (operation !== null) return
  if (candidate !== null) {
    turn.state = { ...turn.state, candidate: null }
    if (stabilizeFromPredecessor(turn, candidate)) return
  }
  const target = turn.state.successors[0]
  if (isUsable(turn.state, target)) query(turn, "stabilize", target)
  else successorIsGone(turn)
}

/**
 * stabilizeFromPredecessor(t, u): u may be a better first successor. Any live u may be adopted so, wherever t
 * heard of it.
 *
 * @returns whether the query was sent; not when the guard fails or another operation is under way.
 */
export const stabilizeFromPredecessor = (turn: Turn, candidate: Contact): boolean => {
  const { config, operation, successors } = turn.state
  if (operation !== null || !isUsable(turn.state, candidate)) return false
  if (!isNearer(config.self, candidate, successors)) return false
  query(turn, "stabilizeFromPredecessor", candidate)
  return true
}

/**
 * A peer was heard of: when it lies nearer than the first successor it is adopted now, or remembered until the
 * operation under way is over. Of several the nearest is remembered; the others will be heard of again through it.
 */
export const consider = (turn: Turn, peer: Contact): void => {
  const { config, successors, candidate } = turn.state
  if (!isNearer(config.self, peer, successors) || stabilizeFromPredecessor(turn, peer)) return
  if (candidate === null || between(config.self.id, peer.id, candidate.id)) {
    turn.state = { ...turn.state, candidate: peer }
  }
}

/** The answer to a query. A late one, or one of another query, changes nothing. */
export const onStateReply = (turn: Turn, from: Contact, report: Report): void => {
  const { operation } = turn.state
  if (operation === null || operation.number !== report.op || operation.target.id !== from.id) return
  if (report.member && report.successors.length === turn.state.config.successors) {
    answered(turn, operation, from, report)
  } else {
    unanswered(turn, operation)
  }
}

/** Somebody is taken for dead from now on: an operation that waits for it takes its other branch. */
export const onGone = (turn: Turn): void => {
  const { operation, successors } = turn.state
  if (operation !== null) {
    if (!isUsable(turn.state, operation.target)) unanswered(turn, operation)
  } else if (!isUsable(turn.state, successors[0])) successorIsGone(turn)
}

/** What this peer answers to a query. */
export const report = (state: PeerState, op: number): Report => ({
  type: "StateReply",
  op,
  member: state.phase === "member",
  successors: state.phase === "member" ? state.successors : [],
  predecessor: state.predecessor,
})

const query = (turn: Turn, kind: Operation["kind"], target: Contact): void => {
  const number = turn.state.nextOperation
  const operation: Operation = { kind, number, target, ticks: 0 }
  turn.state = { ...turn.state, operation, nextOperation: number + 1 }
  // A member that is its own first successor asks itself; no network is needed for that.
  if (isSelf(turn.state, target)) answered(turn, operation, target, report(turn.state, number))
  else send(turn, target, { type: "StateQuery", op: number })
}

const finish = (turn: Turn): void => {
  turn.state = { ...turn.state, operation: null }
}

const answered = (turn: Turn, operation: Operation, from: Contact, reported: Report): void => {
  finish(turn)
  const { self } = turn.state.config
  if (operation.kind === "stabilize") {
    setSuccessors(turn, adopt(from, reported.successors))
    if (!stabilizeFromPredecessor(turn, reported.predecessor)) notify(turn)
    return
  }
  // The guard held when the query left; the answer is used only if it still does. After all successors were lost
  // there is nothing left to guard.
  if (operation.kind === "recover" || isNearer(self, from, turn.state.successors)) {
    setSuccessors(turn, adopt(from, reported.successors))
  }
  notify(turn)
}

const unanswered = (turn: Turn, operation: Operation): void => {
  finish(turn)
  if (operation.kind === "stabilize" && !isAwaited(turn.state, operation.target)) successorIsGone(turn)
  else if (operation.kind === "recover") recover(turn, operation.target)
  else notify(turn)
}

/**
 * The first successor does not answer: it is dropped, and so are dead ones behind it, each a step of its own.
 */
const successorIsGone = (turn: Turn): void => {
  const { config } = turn.state
  let list = dropFirst(turn.state.successors)
  for (let i = 1; i < config.successors && !isUsable(turn.state, list[0]); i++) list = dropFirst(list)
  setSuccessors(turn, list)
  if (isUsable(turn.state, list[0])) notify(turn)
  else recover(turn, null)
}

/**
 * No entry of the list is alive: OneLiveSuccessor was broken by more failures than the ring promises to survive,
 * or by false suspicions. The nearest peer known otherwise is asked to be the successor, then the next, each once:
 * while all of them are still joining the next tick asks again. With none known this peer is a ring of one, until
 * somebody it probes answers. This is outside what the protocol's proof covers, and safe
 * because data never depends on the ring.
 */
const recover = (turn: Turn, failed: Contact | null): void => {
  const { config } = turn.state
  const passed = failed === null ? null : distance(config.self.id, failed.id)
  const candidates = known(turn.state).filter(
    (peer) => passed === null || distance(config.self.id, peer.id) > passed,
  )
  let nearest: Contact | undefined
  for (const peer of candidates) {
    if (nearest === undefined || distance(config.self.id, peer.id) < distance(config.self.id, nearest.id)) {
      nearest = peer
    }
  }
  if (nearest !== undefined) {
    query(turn, "recover", nearest)
    turn.state = { ...turn.state, detector: Detector.awaitAnswer(turn.state.detector, nearest) }
  } else if (failed === null) {
    setSuccessors(turn, alone(config.self, config.successors))
    notify(turn)
  }
}

const notify = (turn: Turn): void => {
  const first = firstUsable(turn.state)
  if (first === undefined || first.id !== turn.state.successors[0].id) return
  if (isSelf(turn.state, first)) rectify(turn, first)
  else send(turn, first, { type: "Notify" })
}
