import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type { Argument, CommandGroup } from "../../node/cli/CliCommand.ts"
import { ExitCode } from "../../node/cli/ExitCode.ts"
import { misconfigured, type Refusal } from "../../node/cli/Refusal.ts"
import { text } from "../../node/cli/Value.ts"
import type { Outcome } from "../check/Verdict.ts"
import type { Plan } from "../plan/Plan.ts"
import { readPlan } from "../plan/ReadPlan.ts"
import { isRun, STORE } from "../store/Store.ts"

export const chaosGroup: CommandGroup = {
  name: "chaos",
  about: "Campaigns of faults: run, judge, replay and shrink them",
}

export const storeFlag = {
  kind: "optional",
  about: `Directory in which runs are kept (default: ${STORE})`,
  metavar: "DIR",
  read: text,
  fallback: STORE,
} as const

export const runArgument: Argument = {
  name: "RUN",
  about: "A run's directory, as it is or within the store: latest, mixed/2026-01-31T101530-7",
  read: text,
}

export const planArgument: Argument = {
  name: "PLAN|RUN",
  about: "A plan's file, or a run's directory, as it is or within the store",
  read: text,
}

/** What is refused because of what a file says. */
export const orRefused = <A>(read: () => A): Effect.Effect<A, Refusal> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(read())
    } catch (error) {
      if (error instanceof RangeError) return Effect.fail(misconfigured(error.message))
      throw error
    }
  })

/** @throws RangeError if there is no such run */
export const findRun = (store: string, name: string): string => {
  const found = [name, join(store, name)].find((path) => isRun(path) && existsSync(join(path, "plan.json")))
  if (found === undefined)
    throw new RangeError(
      `there is no run ${name}, nor one of that name in ${store}; 'ringstead chaos list' shows all`,
    )
  return found
}

/** @throws RangeError if there is none, or if it cannot be read */
export const findPlan = (store: string, name: string): Plan => {
  const file = existsSync(name) && !isRun(name) ? name : join(findRun(store, name), "plan.json")
  try {
    return readPlan(readFileSync(file, "utf8"))
  } catch (error) {
    throw new RangeError(`${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/** The verdict as the exit status: 0 valid, 1 invalid, 2 unknown. */
export const codeOf = (outcome: Outcome): ExitCode =>
  outcome === "valid" ? ExitCode.ok : outcome === "invalid" ? ExitCode.degraded : ExitCode.broken
