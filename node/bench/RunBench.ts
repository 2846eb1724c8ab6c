import { writeFile } from "node:fs/promises"
import { availableParallelism, cpus } from "node:os"
import { performance } from "node:perf_hooks"
import { type BenchReport, reportProblem, reportRow, type RowReport } from "./BenchReport.ts"
import type { BenchRow } from "./BenchRow.ts"
import { csvOf } from "./Csv.ts"
import { measure } from "./Measure.ts"
import { rowLines, summaryLines } from "./Table.ts"

export interface BenchOptions {
  /** Samples of each candidate; 25 unless said otherwise. */
  readonly rounds?: number
  /** How long one sample of a micro row should take, in milliseconds; 10 unless said otherwise. */
  readonly sampleMs?: number
  /** Takes the table line by line, each row as soon as it is measured; standard output unless said otherwise. */
  readonly write?: (line: string) => void
  /** Hears what is being measured just now, for a terminal; an empty text before lines are written. */
  readonly progress?: (text: string) => void
  /** File for the figures as comma-separated values; none is written without it. */
  readonly csv?: string
  /** When aborted, the run ends with its reason after the sample being taken. */
  readonly signal?: AbortSignal
  /** Clocks that never go back, in milliseconds; those of this process unless said otherwise. */
  readonly clocks?: Clocks
}

export type Clocks = Readonly<Record<"cpu" | "wall", () => number>>

const processClocks: Clocks = {
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
  wall: () => performance.now(),
}

/**
 * Measures the rows one after the other and prints each. A row that cannot be measured here says why and stops no
 * other.
 *
 * @throws Error when the file for the figures cannot be written; the signal's reason when it was aborted.
 */
export const runBench = async (
  rows: ReadonlyArray<BenchRow>,
  options: BenchOptions = {},
): Promise<BenchReport> => {
  const { write = (line: string) => process.stdout.write(`${line}\n`) } = options
  const signal = options.signal ?? new AbortController().signal
  const reports: Array<RowReport> = []
  for (const row of rows) {
    options.progress?.(`row ${row.row}: ${row.title}`)
    const report = await runRow(row, options, signal)
    options.progress?.("")
    for (const line of [...rowLines(report), ""]) write(line)
    reports.push(report)
  }
  const report = { machine: machine(), rows: reports }
  for (const line of summaryLines(report)) write(line)
  if (options.csv !== undefined) await writeFile(options.csv, csvOf(report))
  return report
}

const runRow = async (row: BenchRow, options: BenchOptions, signal: AbortSignal): Promise<RowReport> => {
  const { rounds = 25, sampleMs = 10, clocks = processClocks, progress = () => undefined } = options
  try {
    signal.throwIfAborted()
    return "measure" in row
      ? reportRow(row, row.unit, await row.measure({ rounds, progress, signal }))
      : reportRow(
          row,
          "ns",
          await measure(row, { rounds, sampleMs, signal, clock: clocks[row.clock ?? "cpu"] }),
        )
  } catch (cause) {
    signal.throwIfAborted()
    return reportProblem(row, cause instanceof Error ? cause.message : String(cause))
  }
}

const machine = (): string => {
  const model = cpus()[0]?.model.trim() ?? "unknown processor"
  return `${model}, ${availableParallelism()} cores usable, Node ${process.version}`
}
