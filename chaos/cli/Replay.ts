import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { misused, Refusal } from "../../node/cli/Refusal.ts"
import { ExitCode } from "../../node/cli/ExitCode.ts"
import type { Outcome } from "../check/Verdict.ts"
import type { Plan } from "../plan/Plan.ts"
import { mutantNames, openSimulator, type Simulator } from "../replay/Simulator.ts"
import { shrink } from "../replay/Shrink.ts"
import { planText } from "../plan/ReadPlan.ts"
import { writeReport } from "../report/WriteReport.ts"
import { writeRun } from "../store/RunFiles.ts"
import { newRunDirectory } from "../store/Store.ts"
import { progressLine } from "./Progress.ts"
import { resultsText } from "./ResultsText.ts"

/** A simulator for as long as the scope lasts. */
const simulatorWith = Effect.fnUntraced(function* (mutant: string | null) {
  if (mutant !== null && !mutantNames.includes(mutant))
    return yield* misused(`there is no mutant '${mutant}'; there are ${mutantNames.join(", ")}`)
  return yield* Effect.acquireRelease(
    Effect.sync(() => openSimulator(mutant)),
    (simulator: Simulator) => Effect.promise(() => simulator.close()),
  )
})

/** What a thread of its own does, and its failure as one line. */
const inWorker = <A>(run: () => Promise<A>): Effect.Effect<A, Refusal> =>
  Effect.tryPromise({
    try: run,
    catch: (error) =>
      new Refusal({
        code: ExitCode.internal,
        reason: error instanceof Error ? error.message : String(error),
      }),
  })

const mutantText = (mutant: string | null): string => (mutant === null ? "" : ` --mutant ${mutant}`)

/** Plays a plan, keeps the run in the store, and says what it came to. */
export const replayOnSimulator = Effect.fnUntraced(function* (
  plan: Plan,
  store: string,
  mutant: string | null,
) {
  const simulator = yield* simulatorWith(mutant)
  const line = progressLine()
  const run = yield* inWorker(() =>
    simulator.play(plan, "", (part) => line.say(`simulated ${Math.floor(part * 100)} %`)),
  )
  line.end()
  const directory = newRunDirectory(store, plan.campaign, run.record.startedMs, plan.seed)
  const command = `ringstead chaos replay ${directory}${mutantText(mutant)}`
  writeRun(directory, { ...run, record: { ...run.record, command } })
  for (const { file, text } of run.traces) writeFileSync(join(directory, "traces", file), text)
  const { results, file } = writeReport(directory)
  process.stdout.write(`${resultsText(results)}\nreport ${file}\n`)
  return results.outcome satisfies Outcome
})

/** Reduces a plan that fails, and writes the smaller one to `out`; undefined if it does not fail. */
export const shrinkOnSimulator = Effect.fnUntraced(function* (
  plan: Plan,
  out: string,
  mutant: string | null,
  runs: number,
) {
  const simulator = yield* simulatorWith(mutant)
  const line = progressLine()
  const progress = (used: number, faults: number): void =>
    line.say(`run ${used} of ${runs} at most: ${faults} faults`)
  const shrunk = yield* inWorker(() => shrink(plan, simulator, { runs, progress }))
  line.end()
  if (shrunk === undefined) {
    process.stdout.write("the plan does not fail on the simulated ring: nothing to shrink\n")
    return undefined
  }
  writeFileSync(out, planText(shrunk.plan))
  process.stdout.write(
    [
      `${plan.faults.length} faults became ${shrunk.plan.faults.length}, in ${shrunk.runs} runs`,
      `still: ${shrunk.why}`,
      `repeat: ringstead chaos replay ${out}${mutantText(mutant)}`,
      "",
    ].join("\n"),
  )
  return shrunk.plan
})
