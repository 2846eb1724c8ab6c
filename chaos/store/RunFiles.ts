import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { PlacedLine, Run } from "../check/Run.ts"
import type { Results } from "../check/Results.ts"
import { callsOf } from "../history/Call.ts"
import type { FaultRecord } from "../history/FaultRecord.ts"
import { linesOf, readHistory, readLines } from "../history/HistoryFile.ts"
import type { RunRecord } from "../history/RunRecord.ts"
import { planText, readPlan } from "../plan/ReadPlan.ts"
import { readTraces } from "../../spec/conformance/trace/ReadTraces.ts"

/**
 * A run's directory: plan.json, run.json, history.jsonl, faults.jsonl, traces/NAME.jsonl, logs, results.json,
 * report.html.
 *
 * @throws RangeError that names the file that is missing or wrong
 */
export const readRun = (directory: string): Run => {
  const text = (file: string): string => {
    try {
      return readFileSync(join(directory, file), "utf8")
    } catch (error) {
      throw new RangeError(`${join(directory, file)} cannot be read`, { cause: error })
    }
  }
  const plan = within(join(directory, "plan.json"), () => readPlan(text("plan.json")))
  const record = within(join(directory, "run.json"), () => JSON.parse(text("run.json")) as RunRecord)
  const history = within(directory, () => readHistory(text("history.jsonl")))
  const traces = filesOf(join(directory, "traces")).map((file) => ({
    file,
    text: text(join("traces", file)),
  }))
  const lines: ReadonlyArray<PlacedLine> = readTraces(traces).lines.map(({ file, line, said }) => ({
    where: `${file}:${line}`,
    said,
  }))
  const faults = readLines(text("faults.jsonl"), "faults.jsonl") as ReadonlyArray<FaultRecord>
  return { plan, record, history, calls: within(directory, () => callsOf(history)), faults, traces, lines }
}

/** What a run writes of itself before it is judged; whoever writes traces and logs does it elsewhere. */
export const writeRun = (
  directory: string,
  run: Pick<Run, "faults" | "history" | "plan" | "record">,
): void => {
  writeFileSync(join(directory, "plan.json"), planText(run.plan))
  writeFileSync(join(directory, "run.json"), `${JSON.stringify(run.record, null, 2)}\n`)
  writeFileSync(join(directory, "history.jsonl"), linesOf(run.history))
  writeFileSync(join(directory, "faults.jsonl"), linesOf(run.faults))
}

export const writeResults = (directory: string, results: Results): void => {
  writeFileSync(join(directory, "results.json"), `${JSON.stringify(results, null, 2)}\n`)
}

/** What was found the last time that somebody judged the run; null if nobody did. */
export const readResults = (directory: string): Results | null => {
  const file = join(directory, "results.json")
  if (!existsSync(file)) return null
  return within(file, () => JSON.parse(readFileSync(file, "utf8")) as Results)
}

const filesOf = (directory: string): ReadonlyArray<string> =>
  existsSync(directory)
    ? readdirSync(directory)
        .filter((file) => file.endsWith(".jsonl"))
        .toSorted()
    : []

const within = <A>(where: string, read: () => A): A => {
  try {
    return read()
  } catch (error) {
    throw new RangeError(`${where}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
