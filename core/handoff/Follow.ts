import * as HashMap from "effect/HashMap"
import { isSelf, type Turn } from "../peer/Turn.ts"
import { isNextByPlan } from "../replication/Desired.ts"
import type { Replica } from "../replication/Replica.ts"
import { notLeader, respond } from "./Answers.ts"
import { end, shrink } from "./Expiry.ts"
import { renewIfTainted } from "./Births.ts"
import type { Seen } from "./Handoff.ts"
import { reindex, retain } from "./Index.ts"
import { answerAt, catchUp, endAt, ownerOf } from "./Journaling.ts"
import type { Proposed } from "./Lane.ts"
import { advance, fill } from "./Serving.ts"
import {
  cellOf,
  change,
  committedOf,
  isServing,
  journalOf,
  laneOf,
  lineUpAll,
  replicaOf,
  setCell,
  settle,
  settleCell,
} from "./Sessions.ts"
import { confirm, onActive, onView } from "./Views.ts"

/**
 * The sessions of a cell follow its replica: called after each event for every cell whose replica the event changed.
 * What was taken notice of is remembered (Seen), so that calling it once more does nothing.
 *
 * @param _before the replica before the event
 */
export const follow = (turn: Turn, cell: number, _before: Replica | null): void => {
  if (turn.state.config.journal === null) return
  const replica = replicaOf(turn, cell)
  if (replica === null || replica.record.role === "tombstone") {
    if ((turn.state.handoff.cells[cell] ?? null) !== null) leave(turn, cell)
    return
  }
  const { seen, index } = cellOf(turn, cell)
  const { log } = replica
  const now = noticed(turn, replica)
  const isAnother = now.view !== seen.view
  const isRewritten =
    now.rewrites !== seen.rewrites || index.length > log.length || index.length < log.start.length
  if (isRewritten) shrink(turn, cell, reindex(turn, cell, replica))
  else if (index.length < log.length) catchUp(turn, cell)
  if (!isSame(seen, now)) setCell(turn, cell, { ...cellOf(turn, cell), seen: now })
  if (now.near && !seen.near) comeNear(turn, cell, replica, seen)
  else if (now.near && seen.hasTime && !now.hasTime) lineUpAll(turn, cell)
  if (isAnother) onView(turn, cell)
  if (isRewritten || isAnother) commitLanes(turn, cell, now.commit)
  if (!isRewritten) commitItems(turn, cell, seen.commit, now.commit)
  if (now.prepares !== seen.prepares) {
    settleCell(turn, cell)
    if (now.prepares) renewIfTainted(turn, cell)
  }
  if (now.active && (!seen.active || isAnother || (seen.draining && !now.draining))) onActive(turn, cell)
  confirm(turn, cell)
  fill(turn)
}

/**
 * Looks after which a standby turns to a cell that it is to follow in from now on, as far as nobody waits for it: where a
 * leader was lost it is needed for what the next one does at once, and has all that was missed in every session to apply.
 */
const LOOKS = 2

/**
 * This peer leads the cell from now on, or is near to lead it. It turns to what it lacks at once where it has only just come
 * to the cell, and knows of no leader that was lost, or is to lead it by plan, which is as soon as it is warm.
 */
const comeNear = (turn: Turn, cell: number, { record }: Replica, { view }: Seen): void => {
  if (view === "" || isNextByPlan(turn.state, record)) lineUpAll(turn, cell)
  else setCell(turn, cell, { ...cellOf(turn, cell), linesUpIn: LOOKS })
}

const noticed = (turn: Turn, replica: Replica): Seen => {
  const { record } = replica
  const { standby } = journalOf(turn)
  const rank = record.view.findIndex((member) => isSelf(turn.state, member))
  const isNext = rank === 0 || rank === 1
  const isByPlan = (!isNext || standby === "cold") && isNextByPlan(turn.state, record)
  return {
    view: `${record.epoch} ${record.role}`,
    rewrites: replica.rewrites,
    commit: committedOf(replica),
    active: isServing(replica),
    draining: replica.leading?.draining === true,
    near: isNext || isByPlan,
    hasTime: !isNext && isByPlan,
    prepares: standby === "cold" && isByPlan,
  }
}

const isSame = (a: Seen, b: Seen): boolean =>
  a.view === b.view &&
  a.rewrites === b.rewrites &&
  a.commit === b.commit &&
  a.active === b.active &&
  a.draining === b.draining &&
  a.near === b.near &&
  a.hasTime === b.hasTime &&
  a.prepares === b.prepares

/** This peer has nothing of the cell any more. What its instance has seen of the sessions stays known. */
const leave = (turn: Turn, cell: number): void => {
  onView(turn, cell)
  retain(turn, cell)
}

/** What was carried to an index that is committed already may be answered. */
const commitLanes = (turn: Turn, cell: number, commit: number): void => {
  for (const [client, { activity }] of HashMap.entries(cellOf(turn, cell).lanes)) {
    if (activity?.type === "proposed" && activity.index < commit) answer(turn, cell, client, activity)
  }
}

/** The request's entry is committed: its answer may leave, and the instance that ran it has applied it. */
const answer = (turn: Turn, cell: number, client: string, { index, own, waiting }: Proposed): void => {
  const response = own?.entry.response ?? answerAt(turn, cell, index)
  if (response !== undefined) respond(turn, waiting.tokens, { type: "response", response, entry: index })
  else notLeader(turn, cell, waiting.tokens)
  const isApplied = own !== null && own.entry.replay !== "skip"
  change(turn, cell, client, {
    lane: { activity: null },
    ...(isApplied ? { session: { applied: { birth: own.birth, last: index } } } : {}),
  })
  advance(turn, cell, client)
}

/** The items in [from, to) are committed: their answers may go, and a standby may apply them. */
const commitItems = (turn: Turn, cell: number, from: number, to: number): void => {
  const gone: Array<number> = []
  for (let index = from; index < to; index++) {
    const cellIndex = cellOf(turn, cell).index
    const client = ownerOf(cellIndex, index)
    if (client === "") continue
    const at = endAt(cellIndex, index)
    if (at !== undefined) gone.push(...end(turn, cell, client, index, at))
    const activity = laneOf(cellOf(turn, cell), client)?.activity
    if (activity?.type === "proposed" && activity.index === index) answer(turn, cell, client, activity)
    else settle(turn, cell, client)
    if (at !== undefined) advance(turn, cell, client)
  }
  shrink(turn, cell, gone)
}

/** Whatever the store held when this peer started is known from the start. */
export const followAll = (turn: Turn): void => {
  for (const [cell, replica] of turn.state.replicas.entries()) {
    if (replica !== null && replica.log.length > 0) follow(turn, cell, null)
  }
}
