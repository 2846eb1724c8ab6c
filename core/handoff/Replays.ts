import { decodeEntry } from "../codec/EntryCodec.ts"
import type { Turn } from "../peer/Turn.ts"
import { itemAt } from "../replication/Log.ts"
import type { Replica } from "../replication/Replica.ts"
import type { RequestEntry } from "../replication/Entry.ts"
import { beginJob } from "./Births.ts"
import type { Difference } from "./Reply.ts"
import { lengthOf } from "./Fifo.ts"
import { FEW, hasPaused, resumeAt, type Session } from "./Session.ts"
import { cellOf, change, committedOf, journalOf, laneOf, mayForget, sessionOf } from "./Sessions.ts"
import { indicesIn } from "./Substream.ts"

/** The replay plan: what a session's instance needs before it can serve the session, and how it gets it. */

/**
 * What must happen before a session's request can run on the instance of a birth. replay: it lacks entries, or must
 * forget the client first. renew: only a fresh instance will do. fence: replays differ, whatever the instance.
 */
export type Need = "nothing" | "replay" | "renew" | "fence"

export const needOf = (turn: Turn, session: Session, birth: number, replica: Replica): Need => {
  const { diverged, tainted } = session
  if (diverged?.birth === birth) {
    return diverged.births > 1 || journalOf(turn).standby === "cold" ? "fence" : "renew"
  }
  if (tainted === birth) return mayForget(turn) ? "replay" : "renew"
  const { from, fresh } = resumeAt(session, birth)
  // A fresh instance need not be told to forget a client that it has never seen.
  const mustForget = fresh && session.applied?.birth === birth
  return mustForget || indicesIn(session.entries, from, committedOf(replica)).length > 0
    ? "replay"
    : "nothing"
}

/** Whether fewer replays than that are under way. */
export const hasRoom = (turn: Turn, places = journalOf(turn).replays): boolean =>
  turn.state.handoff.replaying < places

/** Whether one more replay may begin now. A session on which instances have died waits for others of its kind. */
export const mayReplay = (turn: Turn, session: Session): boolean =>
  hasRoom(turn) && (session.deaths === 0 || turn.state.handoff.suspect === 0)

/**
 * Feeds the committed entries that it lacks to the instance of that birth.
 *
 * @param mayRest whoever calls remembers the number, and hurries when somebody waits for the place that it takes
 * @returns number of the command
 */
export const startReplay = (
  turn: Turn,
  cell: number,
  client: string,
  birth: number,
  replica: Replica,
  mayRest = false,
): number => {
  const session = sessionOf(cellOf(turn, cell), client)
  const { from, fresh } = resumeAt(session, birth)
  const indices: Array<number> = []
  const steps: Array<RequestEntry> = []
  for (const index of indicesIn(session.entries, from, committedOf(replica))) {
    const bytes = itemAt(replica.log, index)?.bytes ?? null
    // Others have expired it already; the entry that says so is on its way.
    if (bytes === null) continue
    const entry = decodeEntry(bytes)
    if (entry.type !== "request") continue
    indices.push(index)
    steps.push(entry)
  }
  const run = beginJob(turn, { cell, client, birth, replay: { fresh, indices } }, session.deaths > 0)
  change(turn, cell, client, {
    session: fresh
      ? { applied: { birth, last: -1 }, tainted: session.tainted === birth ? 0 : session.tainted }
      : undefined,
    lane: { activity: { type: "replay", run }, wanting: false },
  })
  const isAwaited = (laneOf(cellOf(turn, cell), client)?.queue.length ?? 0) > 0
  // Who goes on where its instance left off, while its client goes on too, would never catch up at leisure.
  const isBehindInUse = !fresh && !hasPaused(session, turn.state.nowMs)
  const isAnyAwaited = isAwaited || lengthOf(turn.state.handoff.wanted) > 0
  const urgent = !mayRest || isAnyAwaited || isBehindInUse || steps.length <= FEW
  turn.commands.push({ type: "replay", run, birth, client, fresh, urgent, steps })
  return run
}

/** A replayed answer differed from the journaled one. */
export const diverge = (
  turn: Turn,
  cell: number,
  client: string,
  birth: number,
  entry: number,
  difference: Difference,
): void => {
  const { diverged } = sessionOf(cellOf(turn, cell), client)
  const births = diverged === null || diverged.birth === birth ? 1 : diverged.births + 1
  if (diverged?.birth !== birth) {
    turn.commands.push({
      type: "trace",
      record: { type: "diverged", client, cell, entry, difference, fenced: false },
    })
  }
  change(turn, cell, client, { session: { diverged: { birth, births, entry, difference } } })
}

/** The session is served no more until it is reset. */
export const fence = (
  turn: Turn,
  cell: number,
  client: string,
  entry: number,
  difference: Difference,
): void => {
  turn.commands.push({
    type: "trace",
    record: { type: "diverged", client, cell, entry, difference, fenced: true },
  })
  change(turn, cell, client, { session: { fenced: { entry, difference } } })
}
