import type { TraceLine } from "../../core/peer/TraceLine.ts"
import { byClient, type Call } from "../history/Call.ts"
import type { FaultRecord } from "../history/FaultRecord.ts"
import type { Operation } from "../history/Operation.ts"
import type { RunRecord } from "../history/RunRecord.ts"
import { type Fault, lasts, type Plan } from "../plan/Plan.ts"

/** A line of a trace, and where it stands: `p0.jsonl:17`, lines counted from 1. */
export interface PlacedLine {
  readonly where: string
  readonly said: TraceLine
}

/** All that a run left behind, as the checkers see it. */
export interface Run {
  readonly plan: Plan
  readonly record: RunRecord
  readonly history: ReadonlyArray<Operation>
  readonly calls: ReadonlyArray<Call>
  readonly faults: ReadonlyArray<FaultRecord>
  /** Whole files, for whoever judges them by their text. */
  readonly traces: ReadonlyArray<{ readonly file: string; readonly text: string }>
  /** Their lines in the order of time. */
  readonly lines: ReadonlyArray<PlacedLine>
}

export const sessionsOf = (run: Run): ReadonlyMap<string, ReadonlyArray<Call>> => byClient(run.calls)

/** A fault of the plan and what became of it; without a record if it was never its turn. */
export interface MetFault {
  readonly number: number
  readonly fault: Fault
  readonly record: FaultRecord | undefined
}

export const metFaults = ({ plan, faults }: Run): ReadonlyArray<MetFault> =>
  plan.faults.map((fault, number) => ({
    number,
    fault,
    record: faults.find((record) => record.fault === number),
  }))

/** From when to when a fault lasted; null if it was not applied. In ns. */
export const spanOf = ({ fault, record }: MetFault, run: Run): readonly [from: number, to: number] | null => {
  if (record === undefined || record.unavailable !== undefined) return null
  const { appliedAt, undoneAt } = record
  return [appliedAt, lasts(fault) ? (undoneAt ?? Math.max(appliedAt, run.record.settleAt)) : appliedAt]
}

/** A fault in a few words: `kill p1`, `cut p0>p1 and 7 more`. */
export const faultText = ({ verb, targets, args, shape }: Fault): string => {
  const [first, ...more] = targets.map((target) => (typeof target === "string" ? target : target.join(">")))
  const numbers = Object.entries(args ?? {}).map(([name, value]) => ` ${name} ${value}`)
  const rest = more.length === 0 ? "" : more.length < 3 ? `, ${more.join(", ")}` : ` and ${more.length} more`
  return `${verb} ${first}${rest}${numbers.join("")}${shape === undefined ? "" : ` (${shape})`}`
}

/** A time of the run in seconds since its calm phase began. */
export const secondsOf = (at: number, { record }: Run): string =>
  `${((at - record.calmAt) / 1e9).toFixed(2)} s`
