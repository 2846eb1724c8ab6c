import * as Effect from "effect/Effect"
import { defineCommand } from "../../node/cli/CliCommand.ts"
import { ExitCode } from "../../node/cli/ExitCode.ts"
import { count, text } from "../../node/cli/Value.ts"
import { mutantFlag } from "./ReplayCommand.ts"
import { chaosGroup, findPlan, orRefused, planArgument, storeFlag } from "./StoreFlag.ts"

export const shrinkCommand = defineCommand({
  name: "shrink",
  group: chaosGroup,
  about: "Reduce a plan that fails to few faults, on a simulated ring; exit 2 if it does not fail there",
  kind: "tool",
  flags: {
    store: storeFlag,
    mutant: mutantFlag,
    out: {
      kind: "optional",
      about: "File for the smaller plan (default: shrunk.json)",
      metavar: "FILE",
      read: text,
      fallback: "shrunk.json",
    },
    runs: {
      kind: "optional",
      about: "Runs to spend at most (default: 150)",
      metavar: "N",
      read: count(1, 100_000),
      fallback: 150,
    },
    confirm: {
      kind: "optional",
      about: "Run the smaller plan so often on real processes too, and say how often it fails (default: 0)",
      metavar: "N",
      read: count(0, 1_000),
      fallback: 0,
    },
  },
  argument: planArgument,
  examples: [
    { command: "ringstead chaos shrink latest", description: "What of the last run's plan matters" },
  ],
  run: Effect.fnUntraced(function* ({ store, mutant, out, runs, confirm }, name) {
    const { shrinkOnSimulator } = yield* Effect.promise(() => import("./Replay.ts"))
    const plan = yield* orRefused(() => findPlan(store, name))
    const smaller = yield* shrinkOnSimulator(plan, out, mutant, runs)
    if (smaller === undefined) return ExitCode.broken
    if (confirm > 0) {
      const { failureRate } = yield* Effect.promise(() => import("./FailureRate.ts"))
      yield* failureRate(smaller, { name: out, store, mutant, runs: confirm })
    }
    return ExitCode.ok
  }),
})
