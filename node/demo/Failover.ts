import { failures, longestGap } from "../testing/Load.ts"
import { ringIsClean } from "../testing/LoadOnRing.ts"
import { startRing } from "../testing/LocalRing.ts"
import type { LonePeer } from "../testing/LonePeer.ts"
import type { SessionVerdict } from "../testing/SessionLedger.ts"
import { startSessionLoad } from "../testing/SessionLoad.ts"
import { COLD_GAP_MS, type Scenario } from "./Scenario.ts"

/** How the ring keeps sessions: not at all, or journaled with cold or warm backups. */
export type Way = "stateless" | "cold" | "warm"

export const WAYS: ReadonlyArray<Way> = ["stateless", "cold", "warm"]

export interface FailoverOptions {
  readonly scenario: Scenario
  readonly way: Way
  readonly clients: number
  /** Requests of each client in a second. */
  readonly rate: number
  /** How long as many others ask as often before the clients come: processes start slow. */
  readonly warmUpSeconds: number
  /** How long the load lasts then; acts of the scenario are timed in fifths of that. */
  readonly seconds: number
  readonly seed: number
  readonly progress: (text: string) => void
}

/** What the clients went through. */
export interface FailoverResult extends SessionVerdict {
  /** Whom the scenario hit. */
  readonly victims: ReadonlyArray<string>
  readonly answered: number
  /** One line each, of every request that a client got no good answer to. */
  readonly errors: ReadonlyArray<string>
  /** The longest that any client waited between two good answers, in ms; before the first act, and from then on. */
  readonly gapBeforeMs: number
  readonly longestGapMs: number
}

/** The longest that a client may wait, in ms. */
export const gapOf = (scenario: Scenario, way: Way): number =>
  way === "cold" ? Math.max(scenario.gapMs, COLD_GAP_MS) : scenario.gapMs

const flagsOf = (way: Way): ReadonlyArray<string> =>
  way === "stateless" ? ["--mode=stateless"] : ["--mode=replay", `--standby=${way}`]

/** A ring of five peers around the sample shop, a load of people who keep their sessions, and what goes wrong. */
export const failover = async (options: FailoverOptions): Promise<FailoverResult> => {
  const { clients, progress, rate, scenario, seconds, seed, warmUpSeconds, way } = options
  const { acts, persistent, restartAfter } = scenario
  const fifth = seconds / 5
  progress("starting five peers")
  await using ring = await startRing([
    ...flagsOf(way),
    `--restart-after=${restartAfter === null ? "never" : `${Math.round(restartAfter * fifth * 1_000)}ms`}`,
  ])
  const { dispatchers } = await ring.file()
  const begin = () =>
    startSessionLoad({
      urls: dispatchers.map(({ url }) => url),
      clients,
      ratePerClient: rate,
      timeoutMs: 15_000,
      seed,
      persistent,
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
  const victims: Array<string> = []
  const started: Array<LonePeer> = []
  try {
    let doing = `${clients} clients ask ${rate} times a second`
    let before = 0
    for (const [fifths, act] of acts) {
      await at(fifths * fifth, doing)
      before ||= load.outcomes.length
      doing = await act({ ring, load, clients, victims, started })
    }
    await at(seconds, doing)
    await load.stop()
    if (way !== "stateless") await ringIsClean(ring)
    return {
      ...load.verdict(),
      victims,
      answered: load.outcomes.length - failures(load.outcomes).length,
      errors: failures(load.outcomes).map(({ client, error }) => `${client}: ${error}`),
      gapBeforeMs: longestGap(load.outcomes.slice(0, before)),
      longestGapMs: longestGap(load.outcomes.slice(Math.max(0, before - clients))),
    }
  } finally {
    await load.stop()
    for (const peer of started) await peer[Symbol.asyncDispose]()
  }
}

/**
 * The promises that a run did not keep, one line each; a stateless ring promises no sessions.
 *
 * @param noiseMs what a client waits on this machine without any failure, to be allowed for; 0 to be strict
 */
export const brokenPromises = (
  { scenario, way }: Pick<FailoverOptions, "scenario" | "way">,
  result: FailoverResult,
  noiseMs = 0,
): ReadonlyArray<string> => {
  if (way === "stateless") return []
  const { appliedTwice, clientsThatLostState, errors, longestGapMs, updatesLost } = result
  const gapMs = gapOf(scenario, way)
  return [
    ...(clientsThatLostState > 0 ? [`${clientsThatLostState} clients lost state`] : []),
    ...(updatesLost > 0 ? [`${updatesLost} acknowledged updates were lost`] : []),
    ...(appliedTwice > 0 ? [`${appliedTwice} updates were applied twice`] : []),
    ...(errors.length > 0 ? [`${errors.length} requests failed, the first: ${errors[0]}`] : []),
    ...(longestGapMs > gapMs + noiseMs
      ? [`a client waited ${Math.round(longestGapMs)} ms, and ${gapMs} ms are promised`]
      : []),
  ].map((what) => `${scenario.name}, ${way}: ${what}`)
}
