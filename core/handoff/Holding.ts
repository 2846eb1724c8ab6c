import * as HashMap from "effect/HashMap"
import type { Turn } from "../peer/Turn.ts"
import { notLeader, refuse, refuseForLackOfMajority } from "./Answers.ts"
import type { Lane, Waiting } from "./Lane.ts"
import { advance } from "./Serving.ts"
import { change, isServing, replicaOf } from "./Sessions.ts"

/** How long a request is held where nothing moves: for a new view, a commit, an instance; in ticks. */
export const HOLD_TICKS = 50

/** How long it is held behind what the service does for its session, in ticks: twice what one request may take. */
export const PATIENCE_TICKS = 600

/** One tick: whoever has waited for too long is told why. What they asked may still happen; they may ask again. */
export const release = (turn: Turn): void => {
  for (const [cell, sessions] of turn.state.handoff.cells.entries()) {
    if (sessions === null || sessions.waiting === 0) continue
    for (const [client, lane] of HashMap.entries(sessions.lanes)) releaseLane(turn, cell, client, lane)
  }
}

const releaseLane = (turn: Turn, cell: number, client: string, lane: Lane): void => {
  const isBusy = isBusyWith(turn, cell, lane)
  const isDue = ({ since, tokens }: Waiting): boolean => {
    if (tokens.length === 0) return false
    const { turns } = turn.state
    return turns - since >= PATIENCE_TICKS || (!isBusy && turns - Math.max(since, lane.since) >= HOLD_TICKS)
  }
  const due = lane.queue.filter(isDue)
  const { activity } = lane
  const late = activity !== null && activity.type !== "replay" && isDue(activity.waiting) ? activity : null
  if (due.length === 0 && late === null) return
  for (const { tokens } of due) turnAway(turn, cell, client, tokens, isBusy)
  const queue = lane.queue.filter((one) => !due.includes(one))
  if (late === null) {
    change(turn, cell, client, { lane: { queue } })
  } else {
    turnAway(turn, cell, client, late.waiting.tokens, isBusy)
    // A read that nobody waits for is over; of what is journaled the end is awaited all the same.
    const rest = late.type === "confirming" ? null : { ...late, waiting: { ...late.waiting, tokens: [] } }
    change(turn, cell, client, { lane: { queue, activity: rest, since: lane.since } })
  }
  advance(turn, cell, client)
}

/** Whether the service does something for the session, or is about to: then waiting is worth while. */
const isBusyWith = (turn: Turn, cell: number, { activity, wanting }: Lane): boolean => {
  const { birth, renewing } = turn.state.handoff
  if (activity !== null) return activity.type === "run" || activity.type === "replay"
  return wanting || (birth !== null && renewing === birth && isServing(replicaOf(turn, cell)))
}

const turnAway = (
  turn: Turn,
  cell: number,
  client: string,
  tokens: ReadonlyArray<number>,
  isBusy: boolean,
): void => {
  const replica = replicaOf(turn, cell)
  if (replica === null || replica.record.role !== "member") return notLeader(turn, cell, tokens)
  if (isBusy) {
    const reason = `the session of ${client} has been at work for too long: ask again`
    return refuse(turn, tokens, "overloaded", reason)
  }
  if (isServing(replica) && turn.state.handoff.birth === null) {
    const { name } = turn.state.config.self
    const reason = `the service of ${name} does not run: its log at that peer says why`
    return refuse(turn, tokens, "no-instance", reason)
  }
  refuseForLackOfMajority(turn, cell, tokens)
}
