import { failures, longestGap } from "../testing/Load.ts"
import { everyClientIsServed } from "../testing/LoadOnRing.ts"
import { startRing } from "../testing/LocalRing.ts"
import type { SessionVerdict } from "../testing/SessionLedger.ts"
import { startSessionLoad } from "../testing/SessionLoad.ts"
import { type Scenario, type ScenarioName, SCENARIOS } from "./Scenario.ts"

/** How the ring keeps sessions: not at all, or journaled with cold or warm backups. */
export type Way = "stateless" | "cold" | "warm"

export const WAYS: ReadonlyArray<Way> = ["stateless", "cold", "warm"]

export interface FailoverOptions {
  readonly scenario: ScenarioName
  readonly way: Way
  readonly clients: number
  /** Requests of each client in a second. */
  readonly rate: number
  /** How long as many others ask as often before the clients come: processes start slow. */
  readonly warmUpSeconds: number
  /** How long the load lasts then, roughly: for a fifth of that nothing happens. */
  readonly seconds: number
  readonly seed: number
  readonly progress: (text: string) => void
}

/** What the clients went through. */
export interface FailoverResult extends SessionVerdict {
  readonly answered: number
  /** Answers in the last phase by the peers that something had happened to. */
  readonly answeredAgain: number
  /** One line each, of every request that a client got no good answer to. */
  readonly errors: ReadonlyArray<string>
  /** The longest that any client waited between two good answers, in ms: before anything happened, and in each phase. */
  readonly gapBeforeMs: number
  readonly gaps: ReadonlyArray<{ readonly what: string; readonly ms: number }>
  /** The longest of those in phases. */
  readonly longestGapMs: number
}

/** The longest that a client may wait between two good answers, in ms; a promise of the README. */
export const promisedGapMs = (scenario: ScenarioName, way: Way): number => {
  const { gapMs }: Scenario = SCENARIOS[scenario]
  return gapMs ?? { stateless: 1_500, cold: 1_500, warm: 700 }[way]
}

const flagsOf = (way: Way): ReadonlyArray<string> =>
  way === "stateless" ? ["--mode=stateless"] : ["--mode=replay", `--standby=${way}`]

/** A ring of five peers around the sample shop, a load of people who keep their sessions, and what befalls them. */
export const failover = async (options: FailoverOptions): Promise<FailoverResult> => {
  const { clients, progress, rate, seconds, seed, warmUpSeconds, way } = options
  const scenario: Scenario = SCENARIOS[options.scenario]
  progress("starting five peers")
  await using ring = await startRing([...flagsOf(way), ...scenario.flags(seconds)])
  const { dispatchers } = await ring.file()
  const begin = () =>
    startSessionLoad({
      urls: dispatchers.map(({ url }) => url),
      clients,
      ratePerClient: rate,
      timeoutMs: 15_000,
      seed,
      ...(scenario.persistent && { persistent: true }),
    })
  let doing = "warming up"
  const pause = async (length: number): Promise<void> => {
    const end = performance.now() + length * 1000
    for (let left = length * 1000; left > 0; left = end - performance.now()) {
      progress(`${doing}; ${Math.ceil(left / 1000)} s to go`)
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, 250)))
    }
  }
  const others = begin()
  try {
    await pause(warmUpSeconds)
  } finally {
    await others.stop()
  }
  const load = begin()
  try {
    doing = `${clients} clients ask ${rate} times a second`
    await pause(seconds / 5)
    await everyClientIsServed(load, clients)
    const phases: Array<{ readonly what: string; readonly from: number }> = []
    const struck = new Set<string>()
    const phase = (what: string, peer?: string): void => {
      phases.push({ what, from: load.outcomes.length })
      if (peer !== undefined) struck.add(peer)
      doing = what
      progress(doing)
    }
    await scenario.befall({ ring, load, clients, seconds, phase, pause })
    await load.stop()
    const gaps = phases.map(({ from, what }, i) => ({
      what,
      ms: longestGap(load.outcomes, from, phases[i + 1]?.from),
    }))
    return {
      ...load.verdict(),
      answered: load.outcomes.length - failures(load.outcomes).length,
      answeredAgain: load.outcomes.slice(phases.at(-1)?.from).filter(({ peer }) => struck.has(peer)).length,
      errors: failures(load.outcomes).map(({ client, error }) => `${client}: ${error}`),
      gapBeforeMs: longestGap(load.outcomes, 0, phases[0]?.from),
      gaps,
      longestGapMs: Math.max(...gaps.map(({ ms }) => ms)),
    }
  } catch (error) {
    throw new Error(`${String(error)}; the ring printed:\n${ring.output()}`, { cause: error })
  } finally {
    await load.stop()
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
  const { appliedTwice, clientsThatLostState, errors, gaps, updatesLost } = result
  const promised = promisedGapMs(scenario, way)
  return [
    ...(clientsThatLostState > 0 ? [`${clientsThatLostState} clients lost state`] : []),
    ...(updatesLost > 0 ? [`${updatesLost} acknowledged updates were lost`] : []),
    ...(appliedTwice > 0 ? [`${appliedTwice} updates were applied twice`] : []),
    ...(errors.length > 0 ? [`${errors.length} requests failed, the first: ${errors[0]}`] : []),
    ...gaps
      .filter(({ ms }) => ms > promised + noiseMs)
      .map(
        ({ ms, what }) =>
          `a client waited ${Math.round(ms)} ms at the ${what}, and ${promised} ms are promised`,
      ),
  ].map((what) => `${scenario}, ${way}: ${what}`)
}
