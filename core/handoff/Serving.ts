import * as HashMap from "effect/HashMap"
import type { Turn } from "../peer/Turn.ts"
import { itemAt } from "../replication/Log.ts"
import { startRead } from "../replication/Leader.ts"
import type { Replica } from "../replication/Replica.ts"
import { refuse, refuseFenced, respond } from "./Answers.ts"
import { beginJob, renew, whyTainted } from "./Births.ts"
import { push, lengthOf, shift } from "./Fifo.ts"
import type { Handoff } from "./Handoff.ts"
import { homeOf } from "./Home.ts"
import { answerAt, journalEnd } from "./Journaling.ts"
import type { Lane, Waiting } from "./Lane.ts"
import { moveQuiet } from "./Moving.ts"
import { fence, hasRoom, mayReplay, needOf, startReplay } from "./Replays.ts"
import { quietFrom, type Session } from "./Session.ts"
import {
  cellOf,
  change,
  committedOf,
  isServing,
  journalOf,
  laneOf,
  replicaOf,
  sessionOf,
  setHandoff,
} from "./Sessions.ts"
import { shellWord } from "./ShellWord.ts"
import { indexOf } from "./Substream.ts"

/**
 * A session's requests in their order: the first in the queue is answered from the journal, or run once the instance
 * is as far as the journal, and the next waits until it is committed.
 */
export const advance = (turn: Turn, cell: number, client: string): void => {
  for (;;) {
    const lane = laneOf(cellOf(turn, cell), client)
    const first = lane?.queue[0]
    const replica = replicaOf(turn, cell)
    if (lane === undefined || lane.activity !== null || first === undefined || !isServing(replica)) return
    if (!serve(turn, cell, client, lane, first, replica)) return
  }
}

/** Does what can be done about the first request of a queue. False: nothing more for now. */
const serve = (
  turn: Turn,
  cell: number,
  client: string,
  lane: Lane,
  first: Waiting,
  replica: Replica,
): boolean => {
  const take = (): void => change(turn, cell, client, { lane: { queue: lane.queue.slice(1) } })
  const session = sessionOf(cellOf(turn, cell), client)
  const index = first.kind === "write" ? indexOf(session.entries, first.id) : undefined
  if (index !== undefined) {
    take()
    return attach(turn, cell, client, first, replica, index)
  }
  if (replica.leading?.draining === true) return false
  if (first.kind === "reset") {
    take()
    journalEnd(turn, cell, client, first)
    return false
  }
  if (session.fenced !== null) {
    take()
    refuseFenced(turn, client, first, session.fenced)
    return true
  }
  const full = first.kind === "write" ? whyFull(turn, client, session, first) : undefined
  if (full !== undefined) {
    take()
    refuse(turn, first.tokens, "session-full", full)
    return true
  }
  const birth = homeOf(turn.state.handoff, session)
  if (birth === null) return false
  switch (needOf(turn, session, birth, replica)) {
    case "nothing":
      run(turn, cell, client, lane, first, birth, replica)
      return false
    case "renew":
      renew(turn, reasonOf(client, session, birth))
      return false
    case "fence": {
      const { diverged } = session
      if (diverged !== null) fence(turn, cell, client, diverged.entry, diverged.difference)
      return diverged !== null
    }
    case "replay":
      if (mayReplay(turn, session)) startReplay(turn, cell, client, birth, replica)
      else standInLine(turn, cell, client)
      return false
  }
}

/** The request is in the log already. */
const attach = (
  turn: Turn,
  cell: number,
  client: string,
  waiting: Waiting,
  replica: Replica,
  index: number,
): boolean => {
  if (index < committedOf(replica)) {
    const response = answerAt(turn, cell, index)
    if (response === undefined) refuse(turn, waiting.tokens, "no-majority", `entry ${index} is being expired`)
    else respond(turn, waiting.tokens, { type: "response", response, entry: index })
    return true
  }
  const digest = itemAt(replica.log, index)?.digest
  if (digest === undefined) return false
  change(turn, cell, client, { lane: { activity: { type: "proposed", index, digest, waiting, own: null } } })
  return false
}

/** The first request of the queue begins. */
const run = (
  turn: Turn,
  cell: number,
  client: string,
  lane: Lane,
  waiting: Waiting,
  birth: number,
  replica: Replica,
): void => {
  const number = beginJob(turn, { cell, client, birth, replay: null })
  const mark = waiting.kind === "read" ? startRead(turn, cell) : null
  const { epoch } = replica.record
  const queue = lane.queue.slice(1)
  const { applied } = sessionOf(cellOf(turn, cell), client)
  // From now on it is on this instance, whatever becomes of the request: it never goes back to one before.
  const goesThere = waiting.kind === "write" && applied?.birth !== birth
  change(turn, cell, client, {
    session: goesThere ? { applied: { birth, last: -1 } } : undefined,
    lane: {
      queue,
      activity: { type: "run", run: number, birth, epoch, waiting, mark, abandoned: false },
      wanting: lane.wanting && queue.length > 0,
    },
  })
  turn.commands.push({ type: "run", run: number, birth, client, request: waiting.request })
}

const whyFull = (
  turn: Turn,
  client: string,
  { entries, bytes }: Session,
  { request }: Waiting,
): string | undefined => {
  const { sessionEntries, sessionBytes } = journalOf(turn)
  const cure = (): string => `reset it with ringstead session reset ${shellWord(client)}, or raise`
  if (entries.length >= sessionEntries) {
    return `the session of ${client} has ${entries.length} entries, as many as it may: ${cure()} --session-entries`
  }
  if (bytes + request.length > sessionBytes) {
    return `the session of ${client} has ${bytes} bytes and may have ${sessionBytes}: ${cure()} --session-bytes`
  }
  return undefined
}

const reasonOf = (client: string, { diverged }: Session, birth: number): string =>
  diverged?.birth === birth
    ? `a replay of the session of ${client} differed on this instance`
    : whyTainted(client)

const standInLine = (turn: Turn, cell: number, client: string): void => {
  if (laneOf(cellOf(turn, cell), client)?.wanting === true) return
  change(turn, cell, client, { lane: { wanting: true } })
  const { filling, showing, wanted } = turn.state.handoff
  setHandoff(turn, { wanted: push(wanted, { cell, client }) })
  for (const number of showing) turn.commands.push({ type: "hurry", run: number })
  if (filling !== 0) turn.commands.push({ type: "hurry", run: filling })
}

/** Begins as many replays as may run: first those that a request waits for, then what a warm standby lacks. */
export const fill = (turn: Turn): void => {
  const { birth, wanted } = turn.state.handoff
  // Who waits for an instance keeps its place until there is one.
  const length = birth === null ? 0 : lengthOf(wanted)
  for (let left = length; left > 0 && hasRoom(turn); left--) {
    const next = shift(turn.state.handoff.wanted)
    if (next === undefined) break
    const [{ cell, client }, rest] = next
    setHandoff(turn, { wanted: rest })
    if (laneOf(cellOf(turn, cell), client) !== undefined) {
      change(turn, cell, client, { lane: { wanting: false } })
    }
    advance(turn, cell, client)
  }
  keepUp(turn)
}

/** Looks again, now and then, at what waits until its clients pause. */
export const fillQuiet = (turn: Turn): void => {
  fill(turn)
  if (!HashMap.isEmpty(turn.state.handoff.backlogged)) workOffQuiet(turn)
  moveQuiet(turn)
}

/** How many sessions an instance is shown for the first time at a time, as long as nobody waits for them. */
const SHOWN_AT_ONCE = 2

/**
 * Begins replays that nobody waits for: those of the sessions that this peer serves, or is the next to serve, each in its
 * turn and at once, in a quarter of the places, so that whoever waits neither stands behind them nor shares the service
 * with them all. Those that lack much and that the instance has not seen have places of their own, and so has one of those
 * that are in less of a hurry: where a peer was lost or has come they are all that there is of dozens of cells, and
 * everybody's clients need the machines, while the others must not fall behind meanwhile.
 */
const keepUp = (turn: Turn): void => {
  const { later, line, unseen } = turn.state.handoff
  // A stateless peer has no sessions to keep up with, nor a limit to how many at a time.
  if (lengthOf(line) + lengthOf(unseen) + lengthOf(later) === 0) return
  const places = Math.ceil(journalOf(turn).replays / 4)
  const handoff = (): Handoff => turn.state.handoff
  work(
    turn,
    "line",
    () =>
      hasRoom(turn) && hasRoom(turn, places + handoff().showing.length + (handoff().filling === 0 ? 0 : 1)),
  )
  const shown = Math.min(places, SHOWN_AT_ONCE)
  work(turn, "unseen", () => handoff().showing.length < shown && hasRoom(turn))
  work(turn, "later", () => handoff().filling === 0 && hasRoom(turn))
}

const work = (turn: Turn, which: "line" | "unseen" | "later", mayBegin: () => boolean): void => {
  for (let left = lengthOf(turn.state.handoff[which]); left > 0 && mayBegin(); left--) {
    const next = shift(turn.state.handoff[which])
    if (next === undefined) return
    const [{ cell, client }, rest] = next
    setHandoff(turn, { [which]: rest })
    const { backlog, seen } = cellOf(turn, cell)
    if (!seen.near || !HashMap.has(backlog, client)) continue
    // Who is to lead by plan keeps whoever leads until then from going.
    const mayRest = which === "unseen" || (which === "later" && !seen.hasTime)
    const number = beginReplay(turn, cell, client, mayRest)
    if (number === 0) setHandoff(turn, { [which]: push(rest, { cell, client }) })
    else if (which === "later") setHandoff(turn, { filling: number })
    else if (which === "unseen") setHandoff(turn, { showing: [...turn.state.handoff.showing, number] })
  }
}

/**
 * The other sessions wait until their clients pause, and for one place: each request then costs the peers two
 * executions, and not as many as there are replicas.
 */
const workOffQuiet = (turn: Turn): void => {
  const { handoff, nowMs } = turn.state
  const hasClock = nowMs !== 0
  if (hasClock && nowMs < handoff.quietAt) return
  let next = Number.POSITIVE_INFINITY
  for (const cell of HashMap.keys(handoff.backlogged)) {
    for (const client of HashMap.keys(cellOf(turn, cell).backlog)) {
      if (!hasRoom(turn, 1)) return
      const from = quietFrom(sessionOf(cellOf(turn, cell), client))
      if (!hasClock || nowMs >= from) setHandoff(turn, { filling: beginReplay(turn, cell, client, true) })
      next = Math.min(next, from)
    }
  }
  // There may be thousands, all in use: they are not looked through again before one of them can be quiet.
  if (hasClock && next !== handoff.quietAt) setHandoff(turn, { quietAt: next })
}

/** @returns number of the command; 0: its turn comes when the other session that instances died of has ended */
const beginReplay = (turn: Turn, cell: number, client: string, mayRest: boolean): number => {
  const session = sessionOf(cellOf(turn, cell), client)
  const birth = homeOf(turn.state.handoff, session)
  const replica = replicaOf(turn, cell)
  if (birth === null || replica === null || !mayReplay(turn, session)) return 0
  return startReplay(turn, cell, client, birth, replica, mayRest)
}

/** Looks again at every request that waits for an instance. */
export const advanceEverywhere = (turn: Turn): void => {
  for (const [cell, sessions] of turn.state.handoff.cells.entries()) {
    if (sessions === null || sessions.waiting === 0) continue
    for (const client of HashMap.keys(sessions.lanes)) advance(turn, cell, client)
  }
}
