import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import type { JournalConfig } from "../peer/JournalConfig.ts"
import { ownHandoff, type Turn } from "../peer/Turn.ts"
import type { Replica } from "../replication/Replica.ts"
import { passes } from "../replication/Log.ts"
import { push } from "./Fifo.ts"
import { type CellSessions, type Handoff, newCellSessions, type Seen, type SessionName } from "./Handoff.ts"
import { homeOf, isUsed } from "./Home.ts"
import { holdsUpMove, type Lane, tokensIn } from "./Lane.ts"
import {
  isBehind,
  isBlank,
  hasPaused,
  isStale,
  isUnseen,
  lacksMuch,
  newSession,
  quietFrom,
  type Session,
} from "./Session.ts"

/** Where sessions and lanes are read and written in a turn; what is counted over them is kept right here. */

export const journalOf = (turn: Turn): JournalConfig => {
  const { journal } = turn.state.config
  if (journal === null) throw new Error("a stateless peer has no sessions")
  return journal
}

export const setHandoff = (turn: Turn, change: Partial<Handoff>): void => {
  Object.assign(ownHandoff(turn), change)
}

export const replicaOf = (turn: Turn, cell: number): Replica | null => turn.state.replicas[cell] ?? null

export const cellOf = (turn: Turn, cell: number): CellSessions =>
  turn.state.handoff.cells[cell] ?? newCellSessions

export const setCell = (turn: Turn, cell: number, sessions: CellSessions | null): void => {
  const { backlogged, cells } = turn.state.handoff
  const before = cells[cell] ?? null
  const { own } = turn
  // One copy a step, however often it writes.
  if (own.cells !== cells || own.cells === null) own.cells = ownHandoff(turn).cells = [...cells]
  own.cells[cell] = sessions
  if ((before?.behind ?? 0) > 0 && (sessions?.behind ?? 0) === 0) turn.warmed.add(cell)
  const isBacklogged = (sessions?.backlogged ?? 0) > 0
  if (isBacklogged === (before?.backlogged ?? 0) > 0) return
  ownHandoff(turn).backlogged = withEntry(backlogged, cell, isBacklogged ? true : undefined)
}

export const sessionOf = ({ sessions }: CellSessions, client: string): Session =>
  Option.getOrElse(HashMap.get(sessions, client), () => newSession)

export const laneOf = ({ lanes }: CellSessions, client: string): Lane | undefined =>
  HashMap.isEmpty(lanes) ? undefined : Option.getOrUndefined(HashMap.get(lanes, client))

/** Whether this peer may begin and end requests of the cell: it leads an active view. */
export const isServing = (replica: Replica | null): replica is Replica =>
  replica?.leading?.active === true &&
  replica.record.ballot === null &&
  replica.commit >= replica.leading.startLength

/**
 * Length of the log that is known to be committed. To a peer that is not in the next view the base of that view is:
 * a majority of the old one held it when it was decided.
 */
export const committedOf = ({ commit, log, record }: Replica): number =>
  record.role === "former" && record.next !== null && passes(log, record.next.base)
    ? Math.max(commit, record.next.base.length)
    : commit

/** What becomes of a client's session and lane; what is left out stays as it is. */
export interface Change {
  readonly session?: Partial<Session> | undefined
  readonly lane?: Partial<Lane> | undefined
}

/**
 * Writes a session or its lane, or both. A lane that gets on is said to have done so at this tick.
 *
 * @param before what becomes of the cell's other sessions: nothing, unless it is given
 */
export const change = (
  turn: Turn,
  cell: number,
  client: string,
  { session: ofSession, lane: ofLane }: Change,
  before = cellOf(turn, cell),
): void => {
  const now = { session: sessionOf(before, client), lane: laneOf(before, client) }
  const session = ofSession === undefined ? now.session : { ...now.session, ...ofSession }
  const lane = ofLane === undefined ? now.lane : changedLane(now.lane, ofLane, turn.state.turns)
  setCell(turn, cell, withClient(turn, cell, before, client, now, { session, lane }))
}

const changedLane = (before: Lane | undefined, now: Partial<Lane>, turns: number): Lane => ({
  queue: now.queue ?? before?.queue ?? [],
  activity: now.activity === undefined ? (before?.activity ?? null) : now.activity,
  wanting: now.wanting ?? before?.wanting ?? false,
  since: now.since ?? (now.activity === undefined ? before?.since : undefined) ?? turns,
})

/** Looks again at what a session's instance lacks: the cell's commit has advanced, or there is another birth. */
export const settle = (turn: Turn, cell: number, client: string): void => {
  change(turn, cell, client, {})
}

/** Looks again at all sessions: there is another birth, or none. */
export const settleAll = (turn: Turn): void => {
  for (const [cell, sessions] of turn.state.handoff.cells.entries()) {
    if (sessions !== null) settleCell(turn, cell)
  }
}

export const settleCell = (turn: Turn, cell: number): void => {
  const { birth } = turn.state.handoff
  let sessions = cellOf(turn, cell)
  for (const [client, session] of HashMap.entries(sessions.sessions)) {
    const lane = laneOf(sessions, client)
    const isForgotten = session.entries.length === 0 && birth !== null
    const known = isForgotten ? { ...session, ...memoryOf(turn, session) } : session
    sessions = withClient(turn, cell, sessions, client, { session, lane }, { session: known, lane })
  }
  setCell(turn, cell, sessions)
}

/** What is worth knowing of a session without entries: what the instances that are in use have seen of it. */
const memoryOf = ({ state }: Turn, { applied, tainted, diverged }: Session): Partial<Session> => ({
  applied: applied !== null && isUsed(state.handoff, applied.birth) ? applied : null,
  tainted: isUsed(state.handoff, tainted) ? tainted : 0,
  diverged: diverged !== null && isUsed(state.handoff, diverged.birth) ? diverged : null,
})

/** All that a peer has of one client. */
interface OfClient {
  readonly session: Session
  readonly lane: Lane | undefined
}

/** @param old what `before` has of the client */
const withClient = (
  turn: Turn,
  cell: number,
  before: CellSessions,
  client: string,
  { session: old, lane: oldLane }: OfClient,
  changed: OfClient,
): CellSessions => {
  const lane = changed.lane !== undefined && isEmpty(changed.lane) ? undefined : changed.lane
  const { isEligible, behind } = standing(turn, cell, changed.session, lane)
  const session =
    changed.session.behind === behind && changed.session.backlogged === isEligible
      ? changed.session
      : { ...changed.session, behind, backlogged: isEligible }
  const wasEligible = old.backlogged
  const comesIntoUse = hasPaused(old, turn.state.nowMs) && !hasPaused(session, turn.state.nowMs)
  if (isEligible && (!wasEligible || comesIntoUse) && before.seen.near)
    lineUp(turn, { cell, client }, session, before.seen)
  if (isEligible && quietFrom(session) < turn.state.handoff.quietAt) {
    ownHandoff(turn).quietAt = quietFrom(session)
  }
  return {
    ...before,
    sessions:
      session === old && !isBlank(old)
        ? before.sessions
        : withEntry(before.sessions, client, isBlank(session) ? undefined : session),
    lanes: lane === oldLane ? before.lanes : withEntry(before.lanes, client, lane),
    behind: before.behind + Number(behind) - Number(old.behind),
    running: before.running + heldUp(lane) - heldUp(oldLane),
    waiting: before.waiting + tokenCount(lane) - tokenCount(oldLane),
    confirming: before.confirming + confirms(lane) - confirms(oldLane),
    backlog:
      isEligible === wasEligible
        ? before.backlog
        : withEntry(before.backlog, client, isEligible ? true : undefined),
    backlogged: before.backlogged + Number(isEligible) - Number(wasEligible),
  }
}

/** A session of a near cell takes its place behind those that fell behind before it. */
const lineUp = (turn: Turn, name: SessionName, session: Session, { hasTime }: Seen): void => {
  const handoff = ownHandoff(turn)
  const replica = replicaOf(turn, name.cell)
  const home = homeOf(handoff, session)
  const isLong = lacksMuch(session, home, replica === null ? 0 : committedOf(replica))
  if (isLong && (hasTime || hasPaused(session, turn.state.nowMs))) handoff.later = push(handoff.later, name)
  else if (isLong && isUnseen(session, home)) handoff.unseen = push(handoff.unseen, name)
  else handoff.line = push(handoff.line, name)
}

/** All that the cell's sessions lack is to be applied. */
export const lineUpAll = (turn: Turn, cell: number): void => {
  const sessions = cellOf(turn, cell)
  for (const client of HashMap.keys(sessions.backlog)) {
    lineUp(turn, { cell, client }, sessionOf(sessions, client), sessions.seen)
  }
}

/** One look at the cells that came near a while ago. */
export const lineUpLater = (turn: Turn): void => {
  for (const cell of HashMap.keys(turn.state.handoff.backlogged)) {
    const sessions = cellOf(turn, cell)
    const { linesUpIn, seen } = sessions
    if (linesUpIn === 0) continue
    setCell(turn, cell, { ...sessions, linesUpIn: linesUpIn - 1 })
    if (linesUpIn === 1 && seen.near) lineUpAll(turn, cell)
  }
}

/** Whether a session counts as behind, and whether an instance could work on it at once. */
const standing = (
  turn: Turn,
  cell: number,
  session: Session,
  lane: Lane | undefined,
): { readonly behind: boolean; readonly isEligible: boolean } => {
  const { handoff } = turn.state
  const replica = replicaOf(turn, cell)
  if (replica === null || replica.record.role === "tombstone") return { behind: false, isEligible: false }
  const commit = committedOf(replica)
  const home = homeOf(handoff, session)
  const behind = keepsUp(turn, cell) && isBehind(session, home, commit)
  const isIdle = (lane === undefined || lane.activity === null) && home !== null
  // What was expired is forgotten by the instance too, warm or cold, so that nothing grows without end.
  const isLeftover = home !== null && session.entries.length === 0 && isStale(session, home)
  const isBarred = session.tainted !== 0 && session.tainted === home && !mayForget(turn)
  return { behind, isEligible: isIdle && !isBarred && (behind || isLeftover) }
}

/** Whether this peer applies what is committed in the cell before anybody asks. */
export const keepsUp = (turn: Turn, cell: number): boolean =>
  journalOf(turn).standby === "warm" || cellOf(turn, cell).seen.prepares

/** Whether an instance forgets a session with its cookies, so that a tainted one can go on there. */
export const mayForget = (turn: Turn): boolean => journalOf(turn).sessionState === "cookie"

const isEmpty = ({ queue, activity }: Lane): boolean => queue.length === 0 && activity === null

const heldUp = (lane: Lane | undefined): number => (lane !== undefined && holdsUpMove(lane) ? 1 : 0)

const confirms = (lane: Lane | undefined): number => (lane?.activity?.type === "confirming" ? 1 : 0)

const tokenCount = (lane: Lane | undefined): number => (lane === undefined ? 0 : tokensIn(lane))

const withEntry = <K, A>(map: HashMap.HashMap<K, A>, key: K, value: A | undefined): HashMap.HashMap<K, A> =>
  value === undefined ? HashMap.remove(map, key) : HashMap.set(map, key, value)
