import type { Turn } from "../peer/Turn.ts"
import { born, endJob, lost } from "./Births.ts"
import type { Job } from "./Handoff.ts"
import { taintEnded } from "./Index.ts"
import { diverge, fence } from "./Replays.ts"
import type { Difference } from "./Reply.ts"
import { advance, advanceEverywhere, fillQuiet } from "./Serving.ts"
import { cellOf, change, journalOf, laneOf, sessionOf } from "./Sessions.ts"

/** The service's instances come and go, and catch up with the journal. */

/** There is a newest ready instance, of that birth; or none. */
export const onInstance = (turn: Turn, birth: number | null): void => {
  const { birth: newest } = turn.state.handoff
  if (birth !== null) born(turn, birth)
  else if (newest !== null) lost(turn, newest)
  if (birth === null) return
  advanceEverywhere(turn)
  fillQuiet(turn)
}

/** The instance of that birth is gone: what was on it goes on elsewhere. */
export const onGone = (turn: Turn, birth: number): void => {
  lost(turn, birth)
  advanceEverywhere(turn)
  fillQuiet(turn)
}

/** The end of a replay: the first `applied` of its steps ran, and what the last of them differed in. */
export const onReplayed = (turn: Turn, run: number, applied: number, difference: Difference | null): void => {
  const job = endJob(turn, run)
  if (job === undefined || job.replay === null) return
  const { cell, client } = job
  const lane = laneOf(cellOf(turn, cell), client)
  const isIts = lane?.activity?.type === "replay" && lane.activity.run === run
  if (isIts) conclude(turn, job, job.replay, applied, difference)
  advance(turn, cell, client)
  fillQuiet(turn)
}

/** How many instances in a row may die while a session is replayed, before it is taken for the cause. */
const MOST_DEATHS = 3

const conclude = (
  turn: Turn,
  { birth, cell, client }: Job,
  { fresh, indices }: NonNullable<Job["replay"]>,
  applied: number,
  difference: Difference | null,
): void => {
  const last = indices[Math.min(applied, indices.length) - 1]
  const session = sessionOf(cellOf(turn, cell), client)
  const isThere = session.applied?.birth === birth
  const { standby } = journalOf(turn)
  const died = difference === null && applied < indices.length
  const deaths = died ? session.deaths + 1 : difference === null ? 0 : session.deaths
  change(turn, cell, client, {
    session: {
      // Of a session without entries that had to be forgotten nothing is left to remember.
      ...(isThere && last !== undefined ? { applied: { birth, last } } : {}),
      ...(isThere && fresh && indices.length === 0 ? { applied: null } : {}),
      ...(difference === null && !died ? { diverged: null } : {}),
      deaths,
    },
  })
  if (died) lost(turn, birth)
  if (difference !== null) {
    const entry = last ?? indices[0] ?? 0
    diverge(turn, cell, client, birth, entry, difference)
    if (standby === "cold") fence(turn, cell, client, entry, difference)
  } else if (died && deaths >= MOST_DEATHS) {
    const entry = indices[applied] ?? 0
    fence(turn, cell, client, entry, {
      where: "service",
      journaled: "an answer",
      replayed: `${deaths} instances died`,
      flag: null,
    })
  }
  // The session may have ended while its entries were replayed: then the instance has seen what it must not have.
  taintEnded(turn, cell, client)
  change(turn, cell, client, { lane: { activity: null } })
}
