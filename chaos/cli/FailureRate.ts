import * as Effect from "effect/Effect"
import type { Plan } from "../plan/Plan.ts"
import { onProcesses } from "./OnProcesses.ts"

/** Runs a plan on real processes again and again, and says how often it came to what. */
export const failureRate = Effect.fnUntraced(function* (
  plan: Plan,
  {
    name,
    store,
    mutant,
    runs,
  }: {
    readonly name: string
    readonly store: string
    readonly mutant: string | null
    readonly runs: number
  },
) {
  const command = `ringstead chaos replay ${name} --on processes${mutant === null ? "" : ` --mutant ${mutant}`}`
  const outcomes = { valid: 0, invalid: 0, unknown: 0 }
  for (let run = 1; run <= runs; run++) {
    const { results } = yield* onProcesses(plan, store, mutant, command)
    outcomes[results.outcome]++
  }
  const { invalid, unknown } = outcomes
  process.stdout.write(
    `on processes: ${invalid} of ${runs} runs are invalid, ${unknown} unknown\nrepeat: ${command}\n`,
  )
  return outcomes
})
