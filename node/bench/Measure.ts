import type { Candidate, MicroRow, Samples } from "./BenchRow.ts"

export interface MeasureOptions {
  /** Samples of each candidate; at least 1. */
  readonly rounds: number
  /** How long one sample of a candidate should take, in milliseconds. */
  readonly sampleMs: number
  /** A clock that never goes back, in milliseconds. */
  readonly clock: () => number
  readonly signal: AbortSignal
}

/**
 * Times the candidates of a row side by side: every round takes one sample of each, and every other round in the
 * opposite order, so that whatever slows the machine down for a while slows all of them down.
 *
 * A sample is as many operations as take about `sampleMs`. How many that is, is found out beforehand, while the
 * candidate warms up: it is run until it has stopped getting faster.
 *
 * @returns nanoseconds an operation.
 */
export const measure = async (row: MicroRow, options: MeasureOptions): Promise<ReadonlyArray<Samples>> => {
  const { rounds, clock, signal } = options
  try {
    for (const candidate of row.candidates) await candidate.prepare?.()
    const runners: Array<Runner> = []
    for (const candidate of row.candidates) runners.push(await calibrate(candidate, options))
    for (let round = 0; round < rounds; round++) {
      for (const runner of round % 2 === 0 ? runners : runners.toReversed()) {
        signal.throwIfAborted()
        const ms = await time(runner.candidate, runner.count, clock)
        runner.values.push((ms * 1e6) / runner.count)
      }
    }
    return runners.map(({ candidate, values }) => ({ candidate: candidate.name, values }))
  } finally {
    for (const candidate of row.candidates) await candidate.release?.()
  }
}

interface Runner {
  readonly candidate: Candidate
  /** Operations a sample. */
  readonly count: number
  readonly values: Array<number>
}

/** Samples without a gain that say that a candidate is warm, and how many are taken at the most to see that. */
const SETTLED = 12
const PATIENCE = 200

const calibrate = async (candidate: Candidate, options: MeasureOptions): Promise<Runner> => {
  const { sampleMs, clock, signal } = options
  let [count, best, settled] = [1, Infinity, 0]
  for (let sample = 0; sample < PATIENCE && settled < SETTLED;) {
    signal.throwIfAborted()
    const ms = await time(candidate, count, clock)
    if (ms < sampleMs / 2) {
      count *= 2
      continue
    }
    sample++
    const each = ms / count
    // A compiler that works beside this code makes it faster all at once, by far more than the measuring scatters.
    settled = each < 0.95 * best ? 0 : settled + 1
    best = Math.min(best, each)
  }
  return { candidate, count: Math.max(1, Math.round(sampleMs / best)), values: [] }
}

const time = async (candidate: Candidate, count: number, clock: () => number): Promise<number> => {
  const start = clock()
  // Waiting for what is no promise would put other work into the sample.
  const running = candidate.run(count)
  if (running !== undefined) await running
  return clock() - start
}
