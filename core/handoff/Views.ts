import * as HashMap from "effect/HashMap"
import { isSelf, type Turn } from "../peer/Turn.ts"
import { itemAt } from "../replication/Log.ts"
import { isRead } from "../replication/Leader.ts"
import type { Replica } from "../replication/Replica.ts"
import { notLeader, respond } from "./Answers.ts"
import { taint } from "./Births.ts"
import { journal, ownerOf, endAt } from "./Journaling.ts"
import type { Lane, Proposed, Ran, Run, Waiting } from "./Lane.ts"
import { advance } from "./Serving.ts"
import { cellOf, change, isServing, laneOf, replicaOf, sessionOf } from "./Sessions.ts"
import { indexOf } from "./Substream.ts"

/**
 * What becomes of requests on their way when the cell has another view: a leader of two epochs in a row goes on, and
 * appends again what the new log lacks; anybody else sends its clients to the new leader.
 */

/** This peer holds another view of the cell, or is in none any more. */
export const onView = (turn: Turn, cell: number): void => {
  const { lanes } = cellOf(turn, cell)
  const replica = replicaOf(turn, cell)
  const leader = replica?.record.role === "member" ? replica.record.view[0] : undefined
  const leads = leader !== undefined && isSelf(turn.state, leader)
  for (const [client, lane] of HashMap.entries(lanes)) {
    carry(turn, cell, client, lane, replica, leads)
    if (leads) continue
    const { queue } = laneOf(cellOf(turn, cell), client) ?? { queue: [] }
    for (const { tokens } of queue) notLeader(turn, cell, tokens)
    if (queue.length > 0) change(turn, cell, client, { lane: { queue: [] } })
  }
}

const carry = (
  turn: Turn,
  cell: number,
  client: string,
  { activity, queue }: Lane,
  replica: Replica | null,
  leads: boolean,
): void => {
  switch (activity?.type) {
    case undefined:
    case "replay":
      return
    case "run":
      return carryRun(turn, cell, client, activity, replica, leads)
    case "ran":
    case "proposed":
      return carryEntry(turn, cell, client, activity, replica, leads)
    case "expiring": {
      const { index } = cellOf(turn, cell)
      if (endAt(index, activity.index) !== undefined && ownerOf(index, activity.index) === client) return
      return giveBack(turn, cell, client, activity.waiting, queue, leads)
    }
    case "confirming":
      if (leads && activity.mark.epoch === replica?.record.epoch) return
      return giveBack(turn, cell, client, activity.waiting, queue, leads)
  }
}

const isNext = (epoch: number, replica: Replica | null): replica is Replica =>
  replica !== null && (replica.record.epoch === epoch || replica.record.epoch === epoch + 1)

const carryRun = (
  turn: Turn,
  cell: number,
  client: string,
  activity: Run,
  replica: Replica | null,
  leads: boolean,
): void => {
  const { birth, epoch, waiting } = activity
  if (activity.abandoned) return
  // A read is of the epoch in which it began; any other request may be journaled in the next one too.
  const goesOn =
    leads && isNext(epoch, replica) && (waiting.kind === "write" || epoch === replica.record.epoch)
  if (goesOn) {
    return change(turn, cell, client, { lane: { activity: { ...activity, epoch: replica.record.epoch } } })
  }
  notLeader(turn, cell, waiting.tokens)
  change(turn, cell, client, {
    lane: { activity: { ...activity, abandoned: true, waiting: { ...waiting, tokens: [] } } },
  })
  if (waiting.kind === "write") taint(turn, cell, client, birth)
}

const carryEntry = (
  turn: Turn,
  cell: number,
  client: string,
  activity: Ran | Proposed,
  replica: Replica | null,
  leads: boolean,
): void => {
  const { waiting } = activity
  const own = activity.type === "ran" ? activity : activity.own
  const index = indexOf(sessionOf(cellOf(turn, cell), client).entries, waiting.id)
  const digest = replica === null || index === undefined ? undefined : itemAt(replica.log, index)?.digest
  if (index !== undefined && digest !== undefined) {
    const isIts = activity.type === "proposed" && activity.digest === digest
    // Another leader ran the same request: its answer is the one that counts.
    if (!isIts && own !== null) taint(turn, cell, client, own.birth)
    return change(turn, cell, client, {
      lane: { activity: { type: "proposed", index, digest, waiting, own: isIts ? activity.own : null } },
    })
  }
  if (own !== null && leads && isNext(own.epoch, replica)) {
    const { birth, entry } = own
    const { epoch } = replica.record
    return change(turn, cell, client, { lane: { activity: { type: "ran", birth, epoch, waiting, entry } } })
  }
  if (own !== null) taint(turn, cell, client, own.birth)
  notLeader(turn, cell, waiting.tokens)
  change(turn, cell, client, { lane: { activity: null } })
}

/** It changed nothing: it may simply be done anew, here or by the new leader. */
const giveBack = (
  turn: Turn,
  cell: number,
  client: string,
  waiting: Waiting,
  queue: Lane["queue"],
  leads: boolean,
): void => {
  if (!leads) notLeader(turn, cell, waiting.tokens)
  const isWanted = leads && waiting.tokens.length > 0
  change(turn, cell, client, { lane: { activity: null, queue: isWanted ? [waiting, ...queue] : queue } })
}

/** This peer may serve the cell now: what ran already is journaled, and what waits begins. */
export const onActive = (turn: Turn, cell: number): void => {
  for (const [client, { activity }] of HashMap.entries(cellOf(turn, cell).lanes)) {
    if (activity?.type === "ran" && isServing(replicaOf(turn, cell))) {
      const { birth, epoch, entry, waiting } = activity
      journal(turn, cell, waiting, { birth, epoch, entry })
    }
    advance(turn, cell, client)
  }
}

/** Answers the read-only requests whose round is confirmed. */
export const confirm = (turn: Turn, cell: number): void => {
  const sessions = cellOf(turn, cell)
  const replica = replicaOf(turn, cell)
  if (sessions.confirming === 0 || replica === null) return
  for (const [client, { activity }] of HashMap.entries(sessions.lanes)) {
    if (activity?.type !== "confirming" || !isRead(replica, activity.mark)) continue
    respond(turn, activity.waiting.tokens, { type: "response", response: activity.response, entry: null })
    change(turn, cell, client, { lane: { activity: null }, session: { at: turn.state.nowMs } })
    advance(turn, cell, client)
  }
}
