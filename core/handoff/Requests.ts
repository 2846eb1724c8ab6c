import type { Turn } from "../peer/Turn.ts"
import type { RequestEntry } from "../replication/Entry.ts"
import { isRead } from "../replication/Leader.ts"
import { isWorthWaiting, notLeader, refuse, respond } from "./Answers.ts"
import { endJob, lost } from "./Births.ts"
import { journal, timeOf } from "./Journaling.ts"
import { type Lane, MOST_OF_CELL, MOST_OF_SESSION, newLane, type Run, type Waiting } from "./Lane.ts"
import type { Outcome } from "./Reply.ts"
import { advance, fill } from "./Serving.ts"
import { cellOf, change, isServing, laneOf, replicaOf } from "./Sessions.ts"

/** What a client asks. */
export interface Asked {
  readonly token: number
  readonly cell: number
  readonly client: string
  readonly kind: Waiting["kind"]
  /** Empty of a reset. */
  readonly id: string
  readonly request: Uint8Array
}

/** A request, or a reset, has come: it joins whoever asked the same before, or waits for its turn. */
export const onAsked = (turn: Turn, { token, cell, client, kind, id, request }: Asked): void => {
  const replica = replicaOf(turn, cell)
  const leads = replica !== null && replica.leading !== null
  if (!leads && !isWorthWaiting(turn, replica)) return notLeader(turn, cell, [token])
  const sessions = cellOf(turn, cell)
  const lane = laneOf(sessions, client) ?? newLane(turn.state.turns)
  if (join(turn, cell, client, lane, { token, kind, id })) return
  if (lane.queue.length >= MOST_OF_SESSION) {
    const reason = `${lane.queue.length} requests of ${client} wait already: ask again when they are answered`
    return refuse(turn, [token], "overloaded", reason)
  }
  if (sessions.waiting >= MOST_OF_CELL) {
    const reason = `${sessions.waiting} requests wait in cell ${cell} already: ask again later`
    return refuse(turn, [token], "overloaded", reason)
  }
  const waiting: Waiting = { kind, id, request, tokens: [token], since: turn.state.turns, deaths: 0 }
  // A reset is to help a session that cannot go on, so it does not wait behind what cannot.
  const queue = kind === "reset" ? [waiting, ...lane.queue] : [...lane.queue, waiting]
  change(turn, cell, client, { lane: { queue } })
  if (lane.activity?.type === "replay") turn.commands.push({ type: "hurry", run: lane.activity.run })
  advance(turn, cell, client)
}

/** Adds a token to the request with the same id that is on its way already, if there is one. */
const join = (
  turn: Turn,
  cell: number,
  client: string,
  { queue, activity }: Lane,
  { token, kind, id }: Pick<Asked, "token" | "kind" | "id">,
): boolean => {
  const isSame = (one: Waiting): boolean => one.kind === kind && one.id === id
  const place = queue.findIndex(isSame)
  const queued = queue[place]
  if (queued !== undefined) {
    change(turn, cell, client, { lane: { queue: queue.with(place, withToken(queued, token)) } })
    return true
  }
  if (activity === null || activity.type === "replay" || !isSame(activity.waiting)) return false
  // What is run for a leadership that was lost is answered by nobody.
  if (activity.type === "run" && activity.abandoned) return false
  const waiting = withToken(activity.waiting, token)
  change(turn, cell, client, { lane: { activity: { ...activity, waiting } } })
  return true
}

const withToken = (waiting: Waiting, token: number): Waiting => ({
  ...waiting,
  tokens: [...waiting.tokens, token],
})

/** The service is done with a request, one way or another. */
export const onAnswered = (turn: Turn, run: number, outcome: Outcome): void => {
  const job = endJob(turn, run)
  if (job === undefined) return
  const { birth, cell, client } = job
  // Whoever gave no answer was killed, or died: its birth is over, whether or not we have been told.
  if (outcome.type === "died" || outcome.type === "hung") lost(turn, birth)
  const lane = laneOf(cellOf(turn, cell), client)
  if (lane?.activity?.type === "run" && lane.activity.run === run) {
    conclude(turn, cell, client, lane, lane.activity, outcome)
  }
  advance(turn, cell, client)
  fill(turn)
}

/** How often a request may meet the death of an instance before it is taken for the cause. */
const MOST_DEATHS = 2

const conclude = (
  turn: Turn,
  cell: number,
  client: string,
  { queue }: Lane,
  activity: Run,
  outcome: Outcome,
): void => {
  const { waiting } = activity
  if (activity.abandoned) return change(turn, cell, client, { lane: { activity: null } })
  if (outcome.type === "died" && waiting.deaths + 1 < MOST_DEATHS) {
    const again = { ...waiting, deaths: waiting.deaths + 1 }
    return change(turn, cell, client, { lane: { activity: null, queue: [again, ...queue] } })
  }
  if (waiting.kind === "read") return concludeRead(turn, cell, client, activity, outcome)
  const entry: RequestEntry = {
    type: "request",
    client,
    id: waiting.id,
    at: timeOf(turn, cell),
    replay: outcome.type === "answered" ? "compare" : outcome.type === "unjournaled" ? "run" : "skip",
    request: waiting.request,
    response: outcome.response,
  }
  const { birth, epoch } = activity
  if (isServing(replicaOf(turn, cell))) return journal(turn, cell, waiting, { birth, epoch, entry })
  change(turn, cell, client, { lane: { activity: { type: "ran", birth, epoch, waiting, entry } } })
}

const concludeRead = (turn: Turn, cell: number, client: string, activity: Run, outcome: Outcome): void => {
  const { mark, waiting } = activity
  const { response } = outcome
  const replica = replicaOf(turn, cell)
  if (mark === null || (replica !== null && isRead(replica, mark))) {
    respond(turn, waiting.tokens, { type: "response", response, entry: null })
    return change(turn, cell, client, { lane: { activity: null }, session: { at: turn.state.nowMs } })
  }
  change(turn, cell, client, { lane: { activity: { type: "confirming", waiting, response, mark } } })
}
