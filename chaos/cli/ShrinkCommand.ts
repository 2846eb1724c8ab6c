import * as Effect from "effect/Effect"
import { defineCommand } from "../../node/cli/CliCommand.ts"
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
  },
  argument: planArgument,
  examples: [
    { command: "ringstead chaos shrink latest", description: "What of the last run's plan matters" },
  ],
  run: Effect.fnUntraced(function* ({ store, mutant, out, runs }, name) {
    const { shrinkOnSimulator } = yield* Effect.promise(() => import("./Replay.ts"))
    const plan = yield* orRefused(() => findPlan(store, name))
    return yield* shrinkOnSimulator(plan, out, mutant, runs)
  }),
})
