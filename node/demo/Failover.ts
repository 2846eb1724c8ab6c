import { busiest, failures, longestGap } from "../testing/Load.ts"
import { startRing } from "../testing/LocalRing.ts"
import type { SessionVerdict } from "../testing/SessionLedger.ts"
import { startSessionLoad } from "../testing/SessionLoad.ts"

/** How the ring keeps sessions: not at all, or journaled with cold or warm backups. */
export type Way = "stateless" | "cold" | "warm"

export const WAYS: ReadonlyArray<Way> = ["stateless", "cold", "warm"]

export interface FailoverOptions {
  readonly way: Way
  readonly clients: number
  /** Requests of each client in a second. */
  readonly rate: number
  /** How long as many others ask as often before the clients come: processes start slow. */
  readonly warmUpSeconds: number
  /** How long the load lasts then; the peer is killed after a fifth of that and comes back after three. */
  readonly seconds: number
  readonly seed: number
  readonly progress: (text: string) => void
}

/** What the clients went through. */
export interface FailoverResult extends SessionVerdict {
  readonly victim: string
  readonly answered: number
  /** Answers of the victim after it came back. */
  readonly answeredAgain: number
  /** One line each, of every request that a client got no good answer to. */
  readonly errors: ReadonlyArray<string>
  /** The longest that any client waited between two good answers, in ms; before the kill, and from then on. */
  readonly gapBeforeMs: number
  readonly longestGapMs: number
}

/** The longest that a client may wait between two good answers, in ms; a promise of the README. */
export const GAP_MS: Readonly<Record<Way, number>> = { stateless: 1_500, cold: 1_500, warm: 700 }

const flagsOf = (way: Way): ReadonlyArray<string> =>
  way === "stateless" ? ["--mode=stateless"] : ["--mode=replay", `--standby=${way}`]

/**
 * A ring of five peers around the sample shop, a load of people who keep their sessions, and `kill -9` of the peer
 * that serves most of them.
 */
export const failover = async (options: FailoverOptions): Promise<FailoverResult> => {
  const { clients, progress, rate, seconds, seed, warmUpSeconds, way } = options
  progress("starting five peers")
  await using ring = await startRing([...flagsOf(way), `--restart-after=${(seconds * 2) / 5}s`])
  const { dispatchers } = await ring.file()
  const begin = () =>
    startSessionLoad({
      urls: dispatchers.map(({ url }) => url),
      clients,
      ratePerClient: rate,
      timeoutMs: 15_000,
      seed,
    })
  const begun = performance.now() + warmUpSeconds * 1000
  const at = async (second: number, what: string): Promise<void> => {
    for (;;) {
      const left = begun + second * 1000 - performance.now()
      if (left <= 0) return
      progress(`${what}; ${Math.ceil((begun - performance.now()) / 1000 + seconds)} s to go`)
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, 250)))
    }
  }
  const others = begin()
  try {
    await at(0, "warming up")
  } finally {
    await others.stop()
  }
  const load = begin()
  try {
    await at(seconds / 5, `${clients} clients ask ${rate} times a second`)
    const victim = busiest(load.outcomes)
    await ring.signal(victim, "SIGKILL")
    const killed = load.outcomes.length
    await at((seconds * 3) / 5, `${victim} is killed`)
    await at(seconds, `${victim} is back`)
    await load.stop()
    const later = load.outcomes.slice(killed + clients)
    return {
      ...load.verdict(),
      victim,
      answered: load.outcomes.length - failures(load.outcomes).length,
      answeredAgain: later.filter(({ peer }) => peer === victim).length,
      errors: failures(load.outcomes).map(({ client, error }) => `${client}: ${error}`),
      gapBeforeMs: longestGap(load.outcomes.slice(0, killed)),
      longestGapMs: longestGap(load.outcomes),
    }
  } finally {
    await load.stop()
  }
}

/**
 * The promises that a run did not keep, one line each; a stateless ring promises no sessions.
 *
 * @param noiseMs what a client waits on this machine without any failure, to be allowed for; 0 to be strict
 */
export const brokenPromises = (way: Way, result: FailoverResult, noiseMs = 0): ReadonlyArray<string> => {
  if (way === "stateless") return []
  const { appliedTwice, clientsThatLostState, errors, longestGapMs, updatesLost } = result
  return [
    ...(clientsThatLostState > 0 ? [`${clientsThatLostState} clients lost state`] : []),
    ...(updatesLost > 0 ? [`${updatesLost} acknowledged updates were lost`] : []),
    ...(appliedTwice > 0 ? [`${appliedTwice} updates were applied twice`] : []),
    ...(errors.length > 0 ? [`${errors.length} requests failed, the first: ${errors[0]}`] : []),
    ...(longestGapMs > GAP_MS[way] + noiseMs
      ? [`a client waited ${Math.round(longestGapMs)} ms, and ${GAP_MS[way]} ms are promised`]
      : []),
  ].map((what) => `${way}: ${what}`)
}
