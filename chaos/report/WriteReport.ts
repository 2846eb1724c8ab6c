import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { judgeRun } from "../check/Judge.ts"
import type { Results } from "../check/Results.ts"
import { readRun, writeResults } from "../store/RunFiles.ts"
import { reportOf } from "./Report.ts"

/** Judges a run by what is in its directory, and writes results.json and report.html there. */
export const writeReport = (directory: string): { readonly results: Results; readonly file: string } => {
  const run = readRun(directory)
  const results = judgeRun(run)
  writeResults(directory, results)
  const file = join(directory, "report.html")
  writeFileSync(file, reportOf(run, results))
  return { results, file }
}
