import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import type { Turn } from "../peer/Turn.ts"
import { emptyFifo } from "./Fifo.ts"
import { type Job, newRound } from "./Handoff.ts"
import { isUsed, MOST_EARLIER } from "./Home.ts"
import { cellOf, change, keepsUp, lineUpAll, mayForget, setHandoff, settleAll } from "./Sessions.ts"

/** Births of the service instance: which is used, which is to be replaced, and what they are busy with. */

/** A fresh instance is ready, and the newest. The sessions of those before it stay there for now (Home.ts). */
export const born = (turn: Turn, birth: number): void => {
  const { birth: before, earlier, outdated } = turn.state.handoff
  if (before === birth) return
  const all = before === null ? earlier : [...earlier, before]
  const over = all.length > MOST_EARLIER ? leastUsed(turn, all) : null
  setHandoff(turn, {
    birth,
    renewing: 0,
    earlier: all.filter((one) => one !== over),
    outdated: over === null ? outdated : [...outdated, over],
    moving: newRound,
  })
  retireIdle(turn)
  settleAll(turn)
}

/** Of these births the one that the fewest sessions are on. */
const leastUsed = (turn: Turn, births: ReadonlyArray<number>): number | null => {
  const { cells } = turn.state.handoff
  const counts = new Map(births.map((birth) => [birth, 0]))
  for (const here of cells) {
    if (here === null) continue
    for (const { applied } of HashMap.values(here.sessions)) {
      const count = applied === null ? undefined : counts.get(applied.birth)
      if (applied !== null && count !== undefined) counts.set(applied.birth, count + 1)
    }
  }
  const [least] = [...counts].toSorted(([, a], [, b]) => a - b)
  return least?.[0] ?? null
}

/** Only these of the births before the newest are needed any more. */
export const keepOnly = (turn: Turn, needed: ReadonlyArray<number>): void => {
  const { earlier, outdated } = turn.state.handoff
  const over = earlier.filter((birth) => !needed.includes(birth))
  if (over.length === 0) return
  setHandoff(turn, {
    earlier: earlier.filter((birth) => needed.includes(birth)),
    outdated: [...outdated, ...over],
  })
  retireIdle(turn)
}

/** The instance of that birth is gone: it ended, or was killed because it did not answer. */
export const lost = (turn: Turn, birth: number): void => {
  const { birth: newest, earlier, outdated } = turn.state.handoff
  if (outdated.includes(birth)) setHandoff(turn, { outdated: outdated.filter((one) => one !== birth) })
  if (newest !== birth && !earlier.includes(birth)) return
  setHandoff(turn, {
    ...(newest === birth ? { birth: null, renewing: 0 } : {}),
    earlier: earlier.filter((one) => one !== birth),
  })
  settleAll(turn)
  // What was worked on there takes its place anew with the next instance, and so does what goes on elsewhere.
  setHandoff(turn, { line: emptyFifo(), unseen: emptyFifo(), later: emptyFifo() })
  for (const [cell, sessions] of turn.state.handoff.cells.entries()) {
    if (sessions?.seen.near === true && sessions.linesUpIn === 0) lineUpAll(turn, cell)
  }
}

/** Asks for a fresh instance in place of the newest, once. */
export const renew = (turn: Turn, reason: string): void => {
  const { birth, renewing } = turn.state.handoff
  if (birth === null || renewing === birth) return
  setHandoff(turn, { renewing: birth })
  turn.commands.push({ type: "renew", birth, reason })
}

/**
 * The instance of that birth has seen a request of the client that the journal may lack, or has forgotten: it never
 * serves the session as it is.
 */
export const taint = (turn: Turn, cell: number, client: string, birth: number): void => {
  if (!isUsed(turn.state.handoff, birth)) return
  change(turn, cell, client, { session: { tainted: birth } })
  // Who keeps up is to be ready before anybody asks.
  const isNewest = birth === turn.state.handoff.birth
  if (isNewest && keepsUp(turn, cell) && !mayForget(turn)) renew(turn, whyTainted(client))
}

/** This peer is to keep up with the cell from now on: an instance that may not serve a session of it is in the way. */
export const renewIfTainted = (turn: Turn, cell: number): void => {
  const { birth } = turn.state.handoff
  if (birth === null || mayForget(turn)) return
  for (const [client, { tainted }] of HashMap.entries(cellOf(turn, cell).sessions)) {
    if (tainted === birth) return renew(turn, whyTainted(client))
  }
}

export const whyTainted = (client: string): string =>
  `this instance has seen a request of ${client} that the journal may lack`

/** The number of the `run` or `replay` command that is to do `job`. */
export const beginJob = (turn: Turn, job: Job, isSuspect = false): number => {
  const { jobs, nextRun, replaying, suspect } = turn.state.handoff
  setHandoff(turn, {
    jobs: HashMap.set(jobs, nextRun, job),
    nextRun: nextRun + 1,
    replaying: job.replay === null ? replaying : replaying + 1,
    suspect: isSuspect ? nextRun : suspect,
  })
  return nextRun
}

/** The job with this number has ended; undefined if there is none. */
export const endJob = (turn: Turn, run: number): Job | undefined => {
  const { filling, jobs, replaying, showing, suspect } = turn.state.handoff
  const job = Option.getOrUndefined(HashMap.get(jobs, run))
  if (job === undefined) return undefined
  setHandoff(turn, {
    jobs: HashMap.remove(jobs, run),
    replaying: job.replay === null ? replaying : replaying - 1,
    suspect: suspect === run ? 0 : suspect,
    showing: showing.includes(run) ? showing.filter((one) => one !== run) : showing,
    filling: filling === run ? 0 : filling,
  })
  retireIdle(turn)
  return job
}

const retireIdle = (turn: Turn): void => {
  const { jobs, outdated } = turn.state.handoff
  if (outdated.length === 0) return
  const busy = new Set<number>()
  for (const job of HashMap.values(jobs)) busy.add(job.birth)
  const idle = outdated.filter((birth) => !busy.has(birth))
  if (idle.length === 0) return
  setHandoff(turn, { outdated: outdated.filter((birth) => busy.has(birth)) })
  for (const birth of idle) turn.commands.push({ type: "retire", birth })
}
