import type { BenchRow, Goal, Samples } from "./BenchRow.ts"
import { ratiosOf, type Spread, spreadOf } from "./Spread.ts"

/** What a run of the benchmarks found out. */
export interface BenchReport {
  /** Processor, cores and Node's version, in one line. */
  readonly machine: string
  readonly rows: ReadonlyArray<RowReport>
}

export interface RowReport {
  readonly row: number
  readonly title: string
  /** Of all figures but the ratios. */
  readonly unit: string
  /** Empty when the row could not be measured. */
  readonly candidates: ReadonlyArray<CandidateReport>
  /** Absent when the row has no goal, or could not be measured. */
  readonly verdict?: Verdict
  /** Why the row could not be measured. */
  readonly problem?: string
}

export interface CandidateReport {
  readonly name: string
  readonly spread: Spread
  /** How many times the reference it is; absent for the reference itself. */
  readonly ratio?: Spread
}

export interface Verdict {
  /** The goal in words, for example "at most 0.85x HashRing". */
  readonly goal: string
  /** The candidate that the goal is about. */
  readonly of: string
  readonly found: number
  /** Of `found`: "x" for a multiple of the reference, else the row's unit. */
  readonly unit: string
  readonly isMet: boolean
}

/**
 * The report of a row with these samples.
 *
 * @throws Error when there are no samples, or the goal names a candidate that was not measured.
 */
export const reportRow = (row: BenchRow, unit: string, measured: ReadonlyArray<Samples>): RowReport => {
  const { goal } = row
  const reference = goal?.against === undefined ? measured[0] : samplesOf(row, measured, goal.against)
  if (reference === undefined) throw new Error("nothing was measured; a row needs at least one candidate")
  const candidates = measured.map(({ candidate, values }) => ({
    name: candidate,
    spread: spreadOf(values),
    ...(candidate === reference.candidate ? {} : { ratio: spreadOf(ratiosOf(values, reference.values)) }),
  }))
  const report = { row: row.row, title: row.title, unit, candidates }
  return goal === undefined ? report : { ...report, verdict: verdictOf(row, goal, unit, measured) }
}

/** The report of a row that could not be measured. */
export const reportProblem = (row: BenchRow, problem: string): RowReport => ({
  row: row.row,
  title: row.title,
  unit: "",
  candidates: [],
  problem,
})

const verdictOf = (row: BenchRow, goal: Goal, unit: string, measured: ReadonlyArray<Samples>): Verdict => {
  const { against, atMost = Infinity, atLeast = -Infinity, figure = "median" } = goal
  const subject = goal.of === undefined ? measured.at(-1) : samplesOf(row, measured, goal.of)
  const values = subject?.values ?? []
  const found = spreadOf(
    against === undefined ? values : ratiosOf(values, samplesOf(row, measured, against).values),
  )[figure]
  const scale = against === undefined ? ` ${unit}` : `x ${against}`
  const bounds = [
    ...(atMost === Infinity ? [] : [`at most ${atMost}${scale}`]),
    ...(atLeast === -Infinity ? [] : [`at least ${atLeast}${scale}`]),
  ]
  return {
    goal: `${figure === "worst" ? "worst " : ""}${bounds.join(", ")}`,
    of: subject?.candidate ?? "",
    found,
    unit: against === undefined ? unit : "x",
    isMet: found <= atMost && found >= atLeast,
  }
}

const samplesOf = (row: BenchRow, measured: ReadonlyArray<Samples>, name: string): Samples => {
  const samples = measured.find(({ candidate }) => candidate === name)
  if (samples === undefined) {
    const names = measured.map(({ candidate }) => candidate).join(", ")
    throw new Error(`the goal of "${row.title}" names ${name}, but only these were measured: ${names}`)
  }
  return samples
}
