/**
 * One row of a benchmark: some ways of doing one thing, measured side by side in one run, and what is aimed at.
 *
 * `X.bench.ts` files export arrays named `rows` of this shape as plain data, without importing this file, so that
 * they can stand in core/ as well.
 */
export type BenchRow = MicroRow | ProcessRow

interface RowTitle {
  /** The row's number in the table of goals; several rows may share one. */
  readonly row: number
  readonly title: string
  /** What is aimed at; a row without one only informs. */
  readonly goal?: Goal
}

/** Code that runs in this process: what one operation of each candidate takes is measured here, in nanoseconds. */
export interface MicroRow extends RowTitle {
  /**
   * What is counted: "cpu", unless said otherwise, is the processor time of this process with all its threads, which
   * others on the same machine hardly disturb; "wall" is for operations that wait for something.
   */
  readonly clock?: "cpu" | "wall"
  /** The first one is the reference of the printed ratios, unless the goal names another. */
  readonly candidates: ReadonlyArray<Candidate>
}

export interface Candidate {
  readonly name: string
  /** Called once before the candidate is first run. */
  readonly prepare?: () => void | Promise<void>
  /** Does the operation `n` times, one after the other. */
  readonly run: (n: number) => void | Promise<void>
  /** Called once when the row is done, also after a failure. */
  readonly release?: () => void | Promise<void>
}

/** Whole processes or connections: the row measures itself. */
export interface ProcessRow extends RowTitle {
  /** Of the samples, for example "ms" or "req/s". */
  readonly unit: string
  /**
   * The samples of each candidate, in the order in which they are to be printed, the reference first. Candidates take
   * turns; the i-th samples of all of them are of one round, so that they are compared with one another.
   *
   * @throws Error whose message says in one line why the row cannot be measured here, and what to do about it.
   */
  readonly measure: (context: MeasureContext) => Promise<ReadonlyArray<Samples>>
}

export interface MeasureContext {
  /** How many samples of each candidate are wanted, where one costs little. */
  readonly rounds: number
  /** Says what is being done, for whoever watches. */
  readonly progress: (text: string) => void
  /** Aborted when nobody wants the result any more. */
  readonly signal: AbortSignal
}

/** What was measured of one candidate, at least one value, all in the row's unit. */
export interface Samples {
  readonly candidate: string
  readonly values: ReadonlyArray<number>
}

/** A bound on a candidate's figure, as a multiple of another candidate's figure or in the row's unit. */
export interface Goal {
  /** The candidate that the goal is about: the last one unless named. */
  readonly of?: string
  /** The candidate it is measured against; without one the bound is in the row's unit. */
  readonly against?: string
  readonly atMost?: number
  readonly atLeast?: number
  /** Which figure of the samples counts: the median unless said otherwise; the worst is the largest. */
  readonly figure?: "median" | "worst"
}
