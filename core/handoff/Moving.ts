import * as HashMap from "effect/HashMap"
import type { Turn } from "../peer/Turn.ts"
import type { Replica } from "../replication/Replica.ts"
import { keepOnly } from "./Births.ts"
import { newRound } from "./Handoff.ts"
import { homeOf } from "./Home.ts"
import { hasRoom, mayReplay, startReplay } from "./Replays.ts"
import { QUIET_MS, quietFrom, type Session } from "./Session.ts"
import { cellOf, change, keepsUp, laneOf, replicaOf, setHandoff } from "./Sessions.ts"

/** How sessions follow to the newest instance (Home.ts), so that those before it can be given up. */

/** Sessions looked at in one go, about: there may be a hundred thousand. */
const LOOKS = 256

/** How long what an instance has seen of a cell that this peer has no log of is worth its memory, in ms. */
const REMEMBER_MS = 60_000

/** Whether nothing more can be begun in this go, or what became of a session. */
type Outcome = "full" | "moved" | "needed" | "elsewhere"

/**
 * Goes on with the search through all cells for sessions that are on an earlier instance: whose clients pause are replayed on
 * the newest, one at a time. What none is on at the end of a round is given up.
 */
export const moveQuiet = (turn: Turn): void => {
  const { birth, earlier, moving } = turn.state.handoff
  const { nowMs } = turn.state
  if (birth === null || earlier.length === 0) return
  if (nowMs !== 0 && nowMs < moving.from) return
  const { cells } = turn.state.handoff
  const needed = new Set(moving.needed)
  let looked = 0
  let { cell } = moving
  for (; cell < cells.length && looked < LOOKS; cell++) {
    const here = cells[cell] ?? null
    if (here === null) continue
    for (const [client, session] of HashMap.entries(here.sessions)) {
      looked++
      if (session.applied === null || !earlier.includes(session.applied.birth)) continue
      const outcome = move(turn, cell, client, session, birth)
      if (outcome === "needed") needed.add(session.applied.birth)
      if (outcome === "full") return setHandoff(turn, { moving: { ...moving, cell, needed: [...needed] } })
    }
  }
  if (cell < cells.length) return setHandoff(turn, { moving: { ...moving, cell, needed: [...needed] } })
  setHandoff(turn, { moving: { ...newRound, from: nowMs + QUIET_MS } })
  keepOnly(turn, [...needed])
}

const move = (turn: Turn, cell: number, client: string, session: Session, birth: number): Outcome => {
  const { handoff, nowMs } = turn.state
  const replica = replicaOf(turn, cell)
  const hasLog = replica !== null && replica.record.role !== "tombstone"
  if (hasLog && homeOf(handoff, session) === birth) return "elsewhere"
  const lane = laneOf(cellOf(turn, cell), client)
  const quiet = hasLog ? quietFrom(session) : session.at + REMEMBER_MS
  if (lane !== undefined || (nowMs !== 0 && nowMs < quiet)) return "needed"
  // What nobody keeps up with is replayed when somebody asks.
  if (!hasLog || !keepsUp(turn, cell) || session.fenced !== null)
    change(turn, cell, client, { session: { applied: null } })
  else return begin(turn, cell, client, session, birth, replica)
  return "moved"
}

const begin = (
  turn: Turn,
  cell: number,
  client: string,
  session: Session,
  birth: number,
  replica: Replica,
): Outcome => {
  if (!hasRoom(turn, 1)) return "full"
  if (!mayReplay(turn, session)) return "needed"
  startReplay(turn, cell, client, birth, replica)
  return "moved"
}
