import * as HashMap from "effect/HashMap"
import type { Turn } from "../peer/Turn.ts"
import { keepOnly } from "./Births.ts"
import { newRound } from "./Handoff.ts"
import { homeOf } from "./Home.ts"
import { hasRoom, mayReplay, startReplay } from "./Replays.ts"
import { hasPaused, QUIET_MS, type Session } from "./Session.ts"
import { cellOf, change, keepsUp, laneOf, replicaOf, setHandoff } from "./Sessions.ts"

/** How sessions follow to the newest instance (Home.ts), so that those before it can be given up. */

/** Sessions looked at in one go, about: there may be a hundred thousand. */
const LOOKS = 256

/** How long what an instance has seen of a cell that this peer has no log of is worth its memory, in ms. */
const REMEMBER_MS = 60_000

/** What became of a session: whether its instance is still needed for it. */
type Fate = "moves" | "stays" | "gone"

/**
 * Goes on with the search through all cells for sessions that are on an earlier instance: whose clients pause are replayed on
 * the newest, one at a time. What none is on at the end of a round is given up.
 */
export const moveQuiet = (turn: Turn): void => {
  const { birth, cells, earlier, filling, moving } = turn.state.handoff
  const { nowMs } = turn.state
  if (birth === null || earlier.length === 0 || filling !== 0 || !hasRoom(turn)) return
  // A clock that was set back holds up nothing.
  if (nowMs < moving.from && moving.from <= nowMs + QUIET_MS) return
  const needed = new Set(moving.needed)
  let looked = 0
  let { cell } = moving
  for (; cell < cells.length && looked < LOOKS; cell++) {
    const here = cells[cell] ?? null
    if (here === null) continue
    for (const [client, session] of HashMap.entries(here.sessions)) {
      looked++
      if (session.applied === null || !earlier.includes(session.applied.birth)) continue
      const fate = fateOf(turn, cell, client, session, birth)
      if (fate === "stays") needed.add(session.applied.birth)
      if (fate === "moves") return setHandoff(turn, { moving: { ...moving, cell, needed: [...needed] } })
    }
  }
  if (cell < cells.length) return setHandoff(turn, { moving: { ...moving, cell, needed: [...needed] } })
  setHandoff(turn, { moving: { ...newRound, from: nowMs + QUIET_MS } })
  keepOnly(turn, [...needed])
}

const fateOf = (turn: Turn, cell: number, client: string, session: Session, birth: number): Fate => {
  const { handoff, nowMs } = turn.state
  const replica = replicaOf(turn, cell)
  const log = replica === null || replica.record.role === "tombstone" ? null : replica
  if (log !== null && homeOf(handoff, session) === birth) return "gone"
  const lane = laneOf(cellOf(turn, cell), client)
  const isInUse = nowMs !== 0 && !hasPaused(session, nowMs, log === null ? REMEMBER_MS : QUIET_MS)
  if (lane !== undefined || isInUse) return "stays"
  // What nobody keeps up with is replayed when somebody asks.
  if (log === null || !keepsUp(turn, cell)) {
    change(turn, cell, client, { session: { applied: null } })
    return "gone"
  }
  if (!mayReplay(turn, session)) return "stays"
  setHandoff(turn, { filling: startReplay(turn, cell, client, birth, log, true) })
  return "moves"
}
