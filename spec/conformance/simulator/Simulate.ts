import { walk, type WalkOptions } from "../JournalWalk.ts"
import { JournalViolation } from "../JournalWatch.ts"

/** One simulated ring. */
export interface Simulation {
  readonly seed: number
  /** Founders; a few more come and go. */
  readonly peers: number
  /** Virtual minutes of faults, before those in which everything must become whole again. */
  readonly minutes: number
}

/** How it ended. */
export interface Outcome {
  readonly seed: number
  /** unknown: nothing that is wrong was seen, but it was not whole again in time after the last fault. */
  readonly verdict: "held" | "violated" | "unknown"
  /** The claim that was broken, and how; undefined if all held. */
  readonly broken?: { readonly claim: string; readonly problem: string; readonly tail: ReadonlyArray<string> }
  readonly virtualMs: number
  readonly digest: string
  readonly messages: number
  readonly answered: number
  readonly committed: number
  readonly views: number
}

/** These say that something has not happened, not that something wrong has. */
const LIVENESS: ReadonlySet<string> = new Set(["every request is answered", "everything is whole again"])

/** Events told of a run that failed: the last ones, behind which is what every peer then knew. */
const TAIL = 30

/**
 * Runs one simulation: faults of all kinds, drawn from the seed, with every promise held against every event; then no
 * more faults, and all requests must be answered and ring and journals whole again.
 */
export const simulate = (
  { minutes, peers, seed }: Simulation,
  options: Pick<WalkOptions, "sha256" | "onTime" | "onLines"> = {},
): Outcome => {
  const scope = { founders: peers, faultsMs: minutes * 60_000 }
  let last: readonly [ms: number, digest: string] = [0, ""]
  try {
    const report = walk(seed, {
      ...options,
      scope,
      onTime: (ms, digest) => {
        last = [ms, digest]
        options.onTime?.(ms, digest)
      },
    })
    const { answered, committed, digest, messages, views, virtualMs } = report
    return { seed, verdict: "held", virtualMs, digest, messages, answered, committed, views }
  } catch (error) {
    const claim = error instanceof JournalViolation ? error.claim : "the code's own checks"
    const problem = error instanceof Error ? error.message : String(error)
    const [virtualMs, digest] = last
    return {
      seed,
      verdict: LIVENESS.has(claim) ? "unknown" : "violated",
      broken: { claim, problem, tail: tailOf(seed, peers, { ...options, scope }) },
      virtualMs,
      digest,
      messages: 0,
      answered: 0,
      committed: 0,
      views: 0,
    }
  }
}

/** The same run again, with all that happens told. */
const tailOf = (seed: number, peers: number, { scope, sha256 }: WalkOptions): ReadonlyArray<string> => {
  try {
    walk(seed, { ...(sha256 && { sha256 }), ...(scope && { scope }), traced: true })
    return ["it did not fail again: a run is not determined by its seed alone, which is a defect of its own"]
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).split("\n")
    return lines.slice(-(TAIL + peers + 1), -1)
  }
}
