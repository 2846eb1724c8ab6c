import * as Effect from "effect/Effect"
import { ExitCode } from "../../node/cli/ExitCode.ts"
import { misused, Refusal } from "../../node/cli/Refusal.ts"
import { freePorts } from "../../node/ports/FreePorts.ts"
import { mutants } from "../../spec/conformance/mutants/Mutants.ts"
import type { Plan } from "../plan/Plan.ts"
import { mutantName, mutantNames } from "../replay/Simulator.ts"
import { writeReport } from "../report/WriteReport.ts"
import { portsNeeded, runCampaign } from "../run/RunCampaign.ts"
import { progressLine } from "./Progress.ts"
import { resultsText } from "./ResultsText.ts"

/** Plays a plan on real processes, judges it, and draws its report; fails with an exit status of its own if it cannot. */
export const onProcesses = Effect.fnUntraced(function* (
  plan: Plan,
  store: string,
  mutant: string | null,
  command: string,
) {
  const known = mutants.find(({ name }) => mutantName(name) === mutant)
  if (mutant !== null && known === undefined)
    return yield* misused(`there is no mutant '${mutant}'; there are ${mutantNames.join(", ")}`)
  const ports = yield* Effect.mapError(freePorts(portsNeeded(plan)), ({ reason }) => misused(reason))
  const line = progressLine()
  const judged = Effect.tryPromise({
    try: async () =>
      writeReport(
        await runCampaign({ plan, store, mutant: known?.name ?? null, command, ports, say: line.say }),
      ),
    catch: (error) => {
      const reason = error instanceof Error ? error.message : String(error)
      return new Refusal({
        code: ExitCode.harness,
        reason: `the harness failed: ${reason}; repeat: ${command}`,
      })
    },
  })
  return yield* Effect.ensuring(judged, Effect.sync(line.end))
})

/** The same, and says what it came to. */
export const tellOnProcesses = Effect.fnUntraced(function* (...args: Parameters<typeof onProcesses>) {
  const { results, file } = yield* onProcesses(...args)
  process.stdout.write(`${resultsText(results)}\nreport ${file}\nrepeat ${args[3]}\n`)
  return results.outcome
})
